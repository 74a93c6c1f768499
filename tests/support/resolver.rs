//! A system resolver that misbehaves.
//!
//! Names are looked up by the C library. A small library that is loaded before it answers for the names that end in
//! `.test` and passes all others on. It is compiled by the compiler that links every Rust program on Linux.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A name whose look-up never ends.
pub const STUCK: &str = "stuck.test";

/// A name with two addresses: `::1`, and then `127.0.0.1`.
pub const DUAL: &str = "dual.test";

const SOURCE: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    resolver *next = (resolver *) dlsym(RTLD_NEXT, "getaddrinfo");
    if (name && strcmp(name, "stuck.test") == 0)
        for (;;) pause();
    if (!name || strcmp(name, "dual.test") != 0)
        return next(name, service, hints, found);
    int failure = next("::1", service, hints, found);
    if (failure) return failure;
    struct addrinfo *last = *found;
    while (last->ai_next) last = last->ai_next;
    return next("127.0.0.1", service, hints, &last->ai_next);
}
"#;

/// The compiled library, in a folder of its own.
pub struct Resolver {
    folder: TempDir,
}

impl Resolver {
    /// Compiles it.
    pub fn compiled() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let source = folder.path().join("resolver.c");
        std::fs::write(&source, SOURCE).expect("the source is written");
        let output = Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .args([&library(folder.path()), &source])
            .arg("-ldl")
            .output()
            .expect("there is a C compiler, which Rust needs to link");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Self { folder }
    }

    /// The variable that puts it before the system's.
    pub fn variable(&self) -> (&'static str, String) {
        ("LD_PRELOAD", library(self.folder.path()).to_str().expect("the folder's name is text").to_owned())
    }
}

fn library(folder: &Path) -> PathBuf {
    folder.join("libresolver.so")
}
