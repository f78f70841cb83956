//! Feeds the target that `TICKWISE_FUZZ_TARGET` names.
#![no_main]

use std::sync::LazyLock;

use tickwise_fuzz::{TARGETS, Target};

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("TICKWISE_FUZZ_TARGET").expect("TICKWISE_FUZZ_TARGET names a target");
    TARGETS.into_iter().find(|target| target.name == name).expect("there is such a target")
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    (TARGET.check)(input);
});
