//! The `pricecmp` command.

fn main() {}
