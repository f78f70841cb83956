//! Recorded bars: Arrow IPC files.

use tickwise_replay::Recording;

const SMALL: &[u8] = include_bytes!("../../../../public/replay/IBM.arrow");

pub fn check(input: &[u8]) -> bool {
    let read = Recording::from_arrow(input);
    match &read {
        Ok(recording) => {
            for pair in recording.days().windows(2) {
                if let [a, b] = pair {
                    assert!(a.date < b.date);
                }
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    read.is_ok()
}

pub fn seeds() -> Vec<Vec<u8>> {
    vec![SMALL.to_vec()]
}
