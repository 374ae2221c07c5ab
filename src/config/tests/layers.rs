//! Which layer wins, what relative paths are relative to, and that what is printed can be read back.

use std::path::Path;

use proptest::prelude::*;
use serde_json::json;

use super::Lab;
use crate::config::{
    BroadcastBuffer, Config, Environment, Loaded, Origin, Pace, SourceKind, Sources, WindowKind, from_yaml,
};

#[test]
fn a_later_layer_wins() {
    let file = "server: {port: 1000}";
    let variable = ("PHOTOPHONE_SERVER__PORT", "2000");
    let flag = ("server.port", "--port", 3000);
    let table = [
        (false, false, false, 8080, "default"),
        (true, false, false, 1000, "file config.yaml:1"),
        (false, true, false, 2000, "environment PHOTOPHONE_SERVER__PORT"),
        (true, true, false, 2000, "environment PHOTOPHONE_SERVER__PORT"),
        (false, false, true, 3000, "flag --port"),
        (true, false, true, 3000, "flag --port"),
        (false, true, true, 3000, "flag --port"),
        (true, true, true, 3000, "flag --port"),
    ];
    for (with_file, with_variable, with_flag, port, origin) in table {
        let mut lab = Lab::new();
        lab = if with_file { lab.with_file(file) } else { lab };
        lab = if with_variable { lab.with_variable(variable.0, variable.1) } else { lab };
        lab = if with_flag { lab.with_flag(flag.0, flag.1, flag.2) } else { lab };
        let loaded = lab.load().unwrap();
        assert_eq!((loaded.config.server.port, loaded.origin("server.port").described().as_str()), (port, origin));
        assert_eq!(loaded.file.is_some(), with_file);
    }
}

#[test]
fn nothing_at_all_is_the_default() {
    for text in ["", "# nothing\n", "null", "---\n", "stream:\nlog: {}\nsource: {device: null, cell: ~}"] {
        assert_eq!(from_yaml(text), Ok(Config::default()), "{text:?}");
    }
    assert_eq!(Lab::new().load().unwrap().config, Config::default());
}

#[test]
fn a_named_file_is_read_instead_of_the_default_one() {
    let lab = Lab::new().with_file("server: {port: 1}");
    std::fs::write(lab.path().join("other.yaml"), "log: {level: debug}").unwrap();
    let loaded = Loaded::load(&Sources { file: Some("other.yaml".into()), ..lab.sources() }).unwrap();
    assert_eq!((loaded.config.server.port, loaded.config.log.level.as_str()), (8080, "debug"));
    assert_eq!(loaded.file.as_deref(), Some(Path::new("other.yaml")));
}

#[test]
fn values_are_read_as_what_their_key_takes() {
    let text = "
source:
  kind: sim
  device: 'hw:1,0'
  rate_hz: 48e3
  loop: true
  pace: 2
stream:
  target_fps: 20
  broadcast_buffer_size: recording
  spectral_window: blackman_harris
server:
  address: ::1
  cors_origins: ['http://lab:3000', 'https://[::1]:8443']
";
    let config = from_yaml(text).unwrap();
    assert_eq!((config.source.kind, config.source.rate_hz), (SourceKind::Sim, Some(48_000)));
    assert_eq!((config.source.looped, config.source.pace), (true, Pace::Factor(2.0)));
    assert_eq!((config.stream.target_fps, config.stream.spectral_window), (20.0, WindowKind::BlackmanHarris));
    assert_eq!(config.stream.broadcast_buffer_size, BroadcastBuffer::Recording);
    assert!(config.server.address.is_ipv6());
    assert_eq!(config.server.cors_origins.len(), 2);
}

#[test]
fn variables_are_read_as_what_their_key_takes() {
    let lab = Lab::new()
        .with_variable("PHOTOPHONE_SOURCE__DEVICE", "1234")
        .with_variable("PHOTOPHONE_SOURCE__RATE_HZ", "96000")
        .with_variable("PHOTOPHONE_SOURCE__PACE", "fast")
        .with_variable("PHOTOPHONE_SOURCE__LOOP", "true")
        .with_variable("PHOTOPHONE_SOURCE__CELL__QUALITY_FACTOR", "12.5")
        .with_variable("PHOTOPHONE_STREAM__BROADCAST_BUFFER_SIZE", "50")
        .with_variable("PHOTOPHONE_SERVER__CORS_ORIGINS", "[http://a:1, 'http://b']")
        .with_variable("PHOTOPHONE_AUTH__ISSUER", "true")
        .with_variable("PHOTOPHONE_AUTH__VERIFY_KEYS", "")
        .with_variable("PATH", "/bin");
    let config = lab.load().unwrap().config;
    assert_eq!((config.source.device.as_deref(), config.source.rate_hz), (Some("1234"), Some(96_000)));
    assert_eq!((config.source.pace, config.source.looped), (Pace::Fast, true));
    assert_eq!(config.source.cell.quality_factor, 12.5);
    assert_eq!(config.stream.broadcast_buffer_size, BroadcastBuffer::Frames(50));
    assert_eq!(config.server.cors_origins, ["http://a:1", "http://b"]);
    assert_eq!((config.auth.issuer.as_str(), config.auth.verify_keys), ("true", None));
}

#[test]
fn paths_are_relative_to_where_they_were_said() {
    let lab = Lab::new().with_variable("PHOTOPHONE_SOURCE__PATH", "b.wav").with_flag("data_dir", "--data-dir", "data");
    std::fs::create_dir(lab.path().join("etc")).unwrap();
    let text = "data_dir: x\nsource: {path: a.wav}\nauth: {verify_keys: k.pem}\nserver: {tls: {cert: /c, key: ../key}}";
    std::fs::write(lab.path().join("etc/lab.yaml"), text).unwrap();
    let config = Loaded::load(&Sources { file: Some("etc/lab.yaml".into()), ..lab.sources() }).unwrap().config;
    assert_eq!(config.data_dir, Some(lab.path().join("data")));
    assert_eq!(config.source.path, Some(lab.path().join("b.wav")));
    assert_eq!(config.auth.verify_keys, Some(lab.path().join("etc/k.pem")));
    assert_eq!(config.server.tls.cert, Some("/c".into()));
    assert_eq!(config.server.tls.key, Some(lab.path().join("etc/../key")));
}

#[test]
fn the_data_directory_is_found() {
    let data_dir = |variables: &[(&str, &str)]| {
        let environment = Environment::from_variables(variables.iter().copied());
        let dir = tempfile::tempdir().unwrap();
        let sources = Sources { environment, working_dir: dir.path().into(), ..Sources::default() };
        Loaded::load(&sources).unwrap().data_dir().map_err(|problem| problem.to_string())
    };
    let (xdg, home, set) = (("XDG_DATA_HOME", "/xdg"), ("HOME", "/home/a"), ("PHOTOPHONE_DATA_DIR", "/d"));
    assert_eq!(data_dir(&[xdg, home, set]), Ok("/d".into()));
    assert_eq!(data_dir(&[xdg, home]), Ok("/xdg/photophone".into()));
    assert_eq!(data_dir(&[("XDG_DATA_HOME", "relative"), home]), Ok("/home/a/.local/share/photophone".into()));
    let missing = "default: data_dir is missing; expected a directory, as neither XDG_DATA_HOME nor HOME is set to an \
                   absolute path";
    assert_eq!(data_dir(&[]), Err(missing.into()));
}

#[test]
fn what_is_printed_tells_origins_and_can_be_read_back() {
    let lab = Lab::new()
        .with_file("auth:\n  issuer: 'true'\nsource:\n  device: \"a: #b\"\n  rate_hz: 8000\n  buffer_frames: 256")
        .with_variable("PHOTOPHONE_STREAM__TARGET_FPS", "20")
        .with_variable("HOME", "/home/a")
        .with_flag("server.port", "--port", 9000);
    let loaded = lab.load().unwrap();
    let text = loaded.to_yaml();
    for line in [
        "data_dir: null                            # default, /home/a/.local/share/photophone\n",
        "  port: 9000                              # flag --port\n",
        "  issuer: \"true\"                          # file config.yaml:2\n",
        "  device: \"a: #b\"                         # file config.yaml:4\n",
        "source:\n  kind: mic                               # default\n",
        "  cell:\n    modulation_hz: 2000.0                 # default\n",
        "  target_fps: 20.0                        # environment PHOTOPHONE_STREAM__TARGET_FPS\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(from_yaml(&text), Ok(loaded.config));
}

#[test]
fn origins_know_file_and_line() {
    let loaded = Lab::new().with_file("\nstream:\n  # fast\n  target_fps: 50\n").load().unwrap();
    let expected = Origin::File { file: "config.yaml".into(), line: Some(4) };
    assert_eq!(loaded.origin("stream.target_fps"), &expected);
    assert_eq!(loaded.origin("stream.min_fps"), &Origin::Default);
}

proptest! {
    #[test]
    fn any_text_is_printed_and_read_back(device in "\\PC{0,40}|[ -~\n\t\r]{0,20}", fps in 10.0..1000.0_f64, seed in 0..1_u64 << 53) {
        let lab = Lab::new()
            .with_flag("source.device", "--source", device.as_str())
            .with_flag("stream.target_fps", "--fps", json!(fps))
            .with_flag("source.seed", "--seed", seed);
        let loaded = lab.load().unwrap();
        prop_assert_eq!(from_yaml(&loaded.to_yaml()), Ok(loaded.config));
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        drop(from_yaml(&text));
    }

    #[test]
    fn nothing_that_looks_like_a_configuration_makes_it_panic(
        lines in prop::collection::vec(("( ){0,5}", "[a-z_]{1,8}|source|stream|server|cell|kind|port|loop|target_fps",
            "|-?[0-9.e]{1,25}|[a-z]{1,5}|\\[.{0,5}\\]?|\\{.{0,9}\\}?|['\"]?.{0,9}['\"]?|[&*]a|!!?[a-z]{1,4} x|[|>]"), 0..12)
    ) {
        let text: String = lines.iter().map(|(indent, key, value)| format!("{indent}{key}: {value}\n")).collect();
        if let Err(problems) = from_yaml(&text) {
            prop_assert!(!problems.0.is_empty());
            prop_assert_eq!(problems.to_string().lines().count(), problems.0.len(), "{}", problems);
        }
    }

    #[test]
    fn no_variable_makes_it_panic(value in any::<String>()) {
        let names = ["PHOTOPHONE_SOURCE__PACE", "PHOTOPHONE_SERVER__CORS_ORIGINS", "PHOTOPHONE_SERVER__PORT", "PHOTOPHONE_"];
        let environment = Environment::from_variables(names.map(|name| (name, &value)));
        let sources = Sources { environment, working_dir: "/nonexistent".into(), ..Sources::default() };
        prop_assert!(Loaded::load(&sources).is_err());
    }
}
