//! Replays the corpus of the fuzz targets, so that what was found once stays found on every toolchain.

#[allow(unreachable_pub, reason = "they are for the fuzzer as well")]
#[path = "../fuzz/targets.rs"]
mod targets;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

#[test]
fn the_corpus_of_every_target_is_harmless() {
    for (name, target) in targets::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
        let mut replayed = 0;
        for entry in fs::read_dir(&folder).expect("every target has a corpus") {
            let path = entry.expect("the folder can be read").path();
            let bytes = fs::read(&path).expect("the file can be read");
            let outcome = catch_unwind(AssertUnwindSafe(|| target(&bytes)));
            assert!(outcome.is_ok(), "{name} fails on {}", path.display());
            replayed += 1;
        }
        assert!(replayed >= 10, "{name} has {replayed} files");
    }
}
