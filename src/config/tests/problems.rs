//! Every kind of problem with the line that a user reads.

use super::Lab;
use crate::config::{Loaded, Sources, from_yaml};

/// Text of a file, and the lines that it gets.
const FILES: &[(&str, &[&str])] = &[
    // Types, ranges and words of one key.
    ("stream:\n  target_fps: 5000", &["config.yaml:2: stream.target_fps is 5000; expected a number from 0.1 to 1000"]),
    (
        "server: {port: 65536, address: localhost}",
        &[
            "config.yaml:1: server.port is 65536; expected a whole number from 0 to 65535",
            "config.yaml:1: server.address is \"localhost\"; expected an IP address such as 127.0.0.1 or ::1",
        ],
    ),
    (
        "source:\n  kind: micro\n  channel_a: 1.5\n  seed: -1\n  loop: yes\n  scenario: bang",
        &[
            "config.yaml:2: source.kind is \"micro\"; expected mic, wav or sim",
            "config.yaml:3: source.channel_a is 1.5; expected a whole number from 1 to 256",
            "config.yaml:4: source.seed is -1; expected a whole number from 0 to 9007199254740991",
            "config.yaml:5: source.loop is \"yes\"; expected true or false",
            "config.yaml:6: source.scenario is \"bang\"; expected cell, tone, chirp, silence, dropouts, unplug, drift, \
             clipping or stall",
        ],
    ),
    (
        "source: {pace: slow}\nstream: {broadcast_buffer_size: 1}",
        &[
            "config.yaml:1: source.pace is \"slow\"; expected realtime, fast or a number from 0.001 to 1000",
            "config.yaml:2: stream.broadcast_buffer_size is 1; expected realtime, analysis, recording or a whole \
             number from 2 to 65536",
        ],
    ),
    (
        "source: {device: 1234, path: ~/a.wav}\nauth: {issuer: ''}",
        &[
            "config.yaml:1: source.device is 1234; expected text, in quotes",
            "config.yaml:1: source.path is \"~/a.wav\"; expected the path of a file, written out without ~",
            "config.yaml:2: auth.issuer is \"\"; expected text that is not empty",
        ],
    ),
    (
        "server:\n  port:\n  cors_origins: http://a\n",
        &[
            "config.yaml:2: server.port is empty; expected a whole number from 0 to 65535, or no such key",
            "config.yaml:3: server.cors_origins is \"http://a\"; expected a list, each item text, in brackets as in [a, b]",
        ],
    ),
    (
        "stream: {target_fps: .nan}",
        &["config.yaml:1: stream.target_fps is \".nan\"; expected a number from 0.1 to 1000"],
    ),
    (
        "stream: {spectral_window_size: 255}",
        &["config.yaml:1: stream.spectral_window_size is 255; expected a whole number from 256 to 65536"],
    ),
    (
        "source: {rate_hz: 99999999999999999999999}",
        &["config.yaml:1: source.rate_hz is 1e+23; expected a whole number from 1000 to 1536000"],
    ),
    // Keys.
    (
        "stream: {taget_fps: 20}",
        &["config.yaml:1: stream.taget_fps is not a known key; did you mean stream.target_fps?"],
    ),
    ("port: 80", &["config.yaml:1: port is not a known key; did you mean server.port?"]),
    ("sources:\n  kind: sim", &["config.yaml:1: sources is not a known key; did you mean source?"]),
    (
        "x: 1\nlog:\n  zzz: 1",
        &[
            "config.yaml:1: x is not a known key; known are data_dir, server, auth, source, calibration, stream, events, log",
            "config.yaml:3: log.zzz is not a known key; known in log are level, format, stats_secs",
        ],
    ),
    (
        "server.port: 80",
        &["config.yaml:1: server.port is not a known key; write `server:` and, indented below it, `port:`"],
    ),
    (
        "\"a\\nb\": 1",
        &[
            "config.yaml:1: a\\nb is not a known key; known are data_dir, server, auth, source, calibration, stream, events, log",
        ],
    ),
    ("log: {stats_secs: 0.2}", &["config.yaml:1: log.stats_secs is 0.2; expected a whole number from 0 to 86400"]),
    ("log: debug", &["config.yaml:1: log is \"debug\"; expected keys below it: level, format, stats_secs"]),
    (
        "log:\n- level: debug",
        &["config.yaml:1: log is [{\"level\":\"debug\"}]; expected keys below it: level, format, stats_secs"],
    ),
    // Several keys together.
    (
        "server:\n  tls:\n    cert: a.pem",
        &["config.yaml:3: server.tls.key is missing; expected the file of the private key, as server.tls.cert is set"],
    ),
    (
        "server:\n  tls:\n    key: a.pem",
        &["config.yaml:3: server.tls.cert is missing; expected the file of the certificate, as server.tls.key is set"],
    ),
    ("source: {kind: wav}", &["config.yaml:1: source.path is missing; expected a WAV file, as source.kind is wav"]),
    (
        "source:\n  channel_b: 1",
        &["config.yaml:2: source.channel_b is 1; expected another channel than source.channel_a, or 0 for none"],
    ),
    (
        "source: {rate_hz: 8000, buffer_frames: 8192}",
        &[
            "config.yaml:1: source.buffer_frames is 8192; expected at most 4000, half of ring_ms and of stall_ms at 8000 \
          Hz",
        ],
    ),
    (
        "source:\n  kind: sim\n  cell: {modulation_hz: 24000}",
        &["config.yaml:3: source.cell.modulation_hz is 24000; expected less than 24000, half of the simulation's \
             rate of 48000 Hz"],
    ),
    (
        "source: {kind: sim, scenario: stall, rate_hz: 2000}",
        &["config.yaml:1: source.rate_hz is 2000; expected more than 2000, twice the 1000 Hz of source.scenario"],
    ),
    (
        "log: {level: inof}",
        &["config.yaml:1: log.level is \"inof\"; expected off, error, warn, info, debug or trace, or target=level, \
           separated by commas"],
    ),
    (
        "server: {cors_origins: ['http://a', 'http://lab:80']}",
        &["config.yaml:1: server.cors_origins is [\"http://a\",\"http://lab:80\"]; expected http://lab instead of \
           http://lab:80, as browsers send it"],
    ),
    // A rule over several keys is silent when one of them was refused.
    ("source: {kind: wav, path: 5}", &["config.yaml:1: source.path is 5; expected the path of a file, in quotes"]),
    // The whole file.
    (
        "- 1",
        &[
            "config.yaml:1: is not a mapping; expected keys with values, such as `stream:` and below it `target_fps: 30`",
        ],
    ),
    ("a: 1\nb: [\n", &["config.yaml:2: is not YAML at column 4: unclosed bracket '['"]),
    (
        "log:\n\tlevel: info",
        &["config.yaml:2: is not YAML at column 2: tabs disallowed within this context (block indentation)"],
    ),
    ("log: {level: info}\nlog: {}", &["config.yaml:2: is not YAML at column 1: key \"log\" stands twice"]),
];

#[test]
fn every_problem_has_its_line() {
    for (text, lines) in FILES {
        let problems = from_yaml(text).unwrap_err().to_string();
        assert_eq!(problems.lines().collect::<Vec<_>>(), *lines, "{text}");
    }
}

#[test]
fn a_simulation_may_play_what_its_rate_carries() {
    for source in [
        "{kind: sim, cell: {modulation_hz: 23999.9}}",
        "{kind: sim, rate_hz: 3000, cell: {modulation_hz: 1499, resonance_hz: 500000}}",
        "{kind: sim, scenario: tone, rate_hz: 2001}",
        "{kind: sim, scenario: tone, cell: {modulation_hz: 500000}}",
        "{kind: sim, scenario: silence, rate_hz: 1000}",
        "{kind: sim, scenario: chirp, rate_hz: 1000}",
        "{kind: mic, rate_hz: 8000, buffer_frames: 256, cell: {modulation_hz: 500000}}",
    ] {
        assert_eq!(from_yaml(&format!("source: {source}")).map(drop), Ok(()), "{source}");
    }
    let default_modulation = from_yaml("source: {kind: sim, rate_hz: 4000}").unwrap_err().to_string();
    assert_eq!(
        default_modulation,
        "config.yaml:1: source.cell.modulation_hz is 2000.0; expected less than 2000, half of the simulation's rate of \
         4000 Hz"
    );
}

#[test]
fn all_problems_of_all_layers_come_at_once() {
    let lab = Lab::new()
        .with_file("server:\n  port: 1e9\n  prot: 1\nsource: {kind: wav}\n")
        .with_variable("PHOTOPHONE_STREAM__TARGET_FPS", "fast")
        .with_variable("PHOTOPHONE_STREAM_MIN_FPS", "1")
        .with_variable("PHOTOPHONE_X__Y", "1")
        .with_variable("PHOTOPHONE_SERVER__LIMITS", "{}")
        .with_variable("PHOTOPHONE_SERVER__CORS_ORIGINS", "[http://a/b]")
        .with_flag("server.port", "--port", 70_000);
    let expected = [
        "config.yaml:2: server.port is 1000000000.0; expected a whole number from 0 to 65535",
        "config.yaml:3: server.prot is not a known key; did you mean server.port?",
        "PHOTOPHONE_SERVER__LIMITS: is not a known variable; expected PHOTOPHONE_SECTION__KEY, such as \
         PHOTOPHONE_STREAM__TARGET_FPS",
        "PHOTOPHONE_STREAM_MIN_FPS: is not a known variable; did you mean PHOTOPHONE_STREAM__MIN_FPS?",
        "PHOTOPHONE_STREAM__TARGET_FPS: stream.target_fps is \"fast\"; expected a number from 0.1 to 1000",
        "PHOTOPHONE_X__Y: is not a known variable; expected PHOTOPHONE_SECTION__KEY, such as PHOTOPHONE_STREAM__TARGET_FPS",
        "--port: server.port is 70000; expected a whole number from 0 to 65535",
        "PHOTOPHONE_SERVER__CORS_ORIGINS: server.cors_origins is [\"http://a/b\"]; expected origins as browsers send \
         them: scheme://host or scheme://host:port in lower case, no path",
        "config.yaml:4: source.path is missing; expected a WAV file, as source.kind is wav",
    ];
    assert_eq!(lab.load().unwrap_err().to_string().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn variables_that_may_be_somebody_elses_are_warned_of() {
    let lab = Lab::new().with_variable("PHOTOPHONE_HOME", "/opt").with_variable("PHOTOPHONE_PORT", "tcp://10.0.0.1:80");
    let warnings: Vec<_> = lab.load().unwrap().warnings.iter().map(ToString::to_string).collect();
    let expected = [
        "PHOTOPHONE_HOME: is not a known variable and sets nothing; expected PHOTOPHONE_SECTION__KEY, such as \
         PHOTOPHONE_STREAM__TARGET_FPS",
        "PHOTOPHONE_PORT: is not a known variable and sets nothing; did you mean PHOTOPHONE_SERVER__PORT?",
    ];
    assert_eq!(warnings, expected);
}

#[test]
fn a_file_that_cannot_be_read_hides_no_other_problem() {
    let lab = Lab::new().with_variable("PHOTOPHONE_SERVER__PORT", "x").with_variable("PHOTOPHONE_SOURCE__KIND", "wav");
    let refused = "PHOTOPHONE_SERVER__PORT: server.port is \"x\"; expected a whole number from 0 to 65535";
    let problems = |file: &str| {
        let sources = Sources { file: Some(file.into()), ..lab.sources() };
        Loaded::load(&sources).unwrap_err().to_string()
    };
    let missing = "none.yaml: cannot be read: No such file or directory (os error 2)";
    assert_eq!(problems("none.yaml"), format!("{missing}\n{refused}"));
    std::fs::write(lab.path().join("latin1.yaml"), b"source: {device: \xe9}").unwrap();
    assert_eq!(problems("latin1.yaml"), format!("latin1.yaml: is not UTF-8 text\n{refused}"));
    std::fs::write(lab.path().join("broken.yaml"), "a: [").unwrap();
    assert_eq!(
        problems("broken.yaml"),
        format!("broken.yaml:1: is not YAML at column 4: unclosed bracket '['\n{refused}")
    );
}

#[test]
fn a_long_value_is_cut() {
    let line = from_yaml(&format!("source: {{kind: {}}}", "x".repeat(10_000))).unwrap_err().to_string();
    assert!(line.chars().count() < 200 && line.contains('…'), "{line}");
}
