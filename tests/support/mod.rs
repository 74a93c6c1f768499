//! What the integration tests share.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part of this module")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

pub mod hostile;
