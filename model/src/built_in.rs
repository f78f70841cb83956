//! What the command contains, so that it works in any folder: the files of the
//! model in use and the recordings, as they were when it was built.

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));
