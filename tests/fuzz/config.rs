//! Fuzz body for `config.yaml`: no text panics; what is accepted says the same when it is written out and read again,
//! and what is refused is refused with words.
//!
//! A plain function for libFuzzer and for the seeded runs of `make test`.

use photophone::config::from_yaml;

/// Reads `data` as a configuration.
pub(crate) fn config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match from_yaml(text) {
        Ok(config) => {
            // JSON is YAML (YAML 1.2, chapter 1).
            let json = serde_json::to_string(&config).expect("a configuration is JSON");
            assert_eq!(from_yaml(&json).as_ref(), Ok(&config), "{json}");
        }
        Err(problems) => assert!(!problems.0.is_empty() && !problems.to_string().is_empty()),
    }
}

/// The reference, a configuration that changes much, and texts that are refused.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let changed = "server: { port: 0, cors_origins: ['http://lab.example:3000'] }\n\
                   source: { kind: sim, scenario: cell, seed: 7, pace: 2.5, loop: true }\n\
                   stream:\n  target_fps: 12.5\n  broadcast_buffer_size: analysis\n  enable_heartbeats: false\n\
                   log: { format: json, level: 'info,rocket=warn' }\n";
    let refused = "stream: { target_fps: .nan, target_fsp: 30 }\nserver: { port: 70000 }\nsource: { kind: wav }\n";
    let anchors = "a: &a [1, 2]\nb: *a\n<<: { c: 1 }\n? [x]\n: !tag |\n  block\n---\nsecond\n";
    let seeds = [include_str!("../../config.yaml"), changed, refused, anchors, "{}", "- 1\n- 2\n", ""];
    seeds.map(|seed| seed.as_bytes().to_vec()).into()
}
