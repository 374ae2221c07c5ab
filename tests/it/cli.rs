//! The command line as a user and a script meet it: what is printed where, and how it ends.

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::command::{Ended, run, run_with};
use crate::support::server::{Lab, now, program, wait_until};

const SERVE: [&str; 5] = ["serve", "--source", "sim:tone", "--port", "0"];

fn empty() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs a command whose working directory holds this `config.yaml`.
fn run_configured(config: &str, args: &[&str]) -> Ended {
    let dir = empty();
    std::fs::write(dir.path().join("config.yaml"), config).unwrap();
    run(dir.path(), args, "")
}

#[test]
fn serve_prints_where_it_listens_a_login_link_and_the_source() {
    let dir = empty();
    let mut child = program(dir.path()).args(SERVE).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines: Vec<_> = BufReader::new(child.stdout.take().unwrap()).lines().take(3).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    let url = lines[0].strip_prefix("listening on ").unwrap();
    assert!(url.starts_with("http://127.0.0.1:") && !url.ends_with(":0"), "{lines:?}");
    assert!(lines[1].starts_with(&format!("log in once with {url}/login?code=")), "{lines:?}");
    assert_eq!(lines[2], "source: simulated tone (sim:tone), 48000 Hz, 2 channels, f32");
}

#[test]
fn a_port_in_use_is_an_error_and_no_zombie() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let start = now();
    let ended = run(empty().path(), &["serve", "--source", "sim", "--port", &address.port().to_string()], "");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains(&format!("cannot listen on {address}")) && ended.err.contains("--port"), "{ended:?}");
    assert!(!ended.out.contains("listening on"), "{ended:?}");
    assert!(!ended.err.contains("Source opened"), "a device is left alone: {ended:?}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn an_address_of_another_machine_is_an_error() {
    // TEST-NET-1 (RFC 5737): nobody has it.
    let ended = run(empty().path(), &["serve", "--source", "sim", "--port", "0", "--address", "192.0.2.1"], "");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("cannot listen on 192.0.2.1:0"), "{ended:?}");
}

#[test]
fn a_data_directory_serves_once() {
    let server = Lab::simulated("tone").start();
    let dir = server.dir().to_str().unwrap();
    let ended = run(empty().path(), &[&SERVE[..], &["--data-dir", dir]].concat(), "");
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.err.contains("in use by another photophone") && ended.err.contains(&server.url), "{ended:?}");
    let unusable = run(empty().path(), &[&SERVE[..], &["--data-dir", "/proc/nothing"]].concat(), "");
    assert_eq!(unusable.code, Some(1), "{unusable:?}");
    assert!(unusable.err.contains("data directory /proc/nothing"), "{unusable:?}");
}

#[test]
fn a_data_directory_in_which_others_may_write_gets_no_secrets() {
    let dir = empty();
    std::fs::set_permissions(dir.path(), Permissions::from_mode(0o777)).unwrap();
    let data_dir = ["--data-dir", dir.path().to_str().unwrap()];
    let table: [&[&str]; 4] =
        [&["token", "create", "--subject", "ada"], &["user", "add", "ada"], &["login-url"], &SERVE];
    for args in table {
        let ended = run(empty().path(), &[args, &data_dir].concat(), "correct horse battery\n");
        assert_eq!(ended.code, Some(1), "{args:?}: {ended:?}");
        let advice = "others may write in it (mode 777): chmod go-w";
        assert!(ended.err.contains(data_dir[1]) && ended.err.contains(advice), "{args:?}: {ended:?}");
    }
    assert_eq!(dir.path().read_dir().unwrap().count(), 0, "nothing was made");
}

#[test]
fn wrong_configuration_is_told_whole_with_its_own_exit_code() {
    let config =
        "server: {port: 99999, adress: 1.2.3.4}\nstream: {target_fps: 0}\nsource: {kind: sim, scenario: tonne}\n";
    let ended = run_configured(config, &["serve"]);
    assert_eq!(ended.code, Some(78), "{ended:?}");
    for word in ["server.port", "99999", "adress", "address", "stream.target_fps", "source.scenario", "tonne"] {
        assert!(ended.err.contains(word), "{word} in {ended:?}");
    }
    assert_eq!(ended.err.lines().count(), 4, "{ended:?}");
    let ended = run(empty().path(), &["serve", "--source", "sim:nothing"], "");
    assert_eq!(ended.code, Some(78), "{ended:?}");
    assert!(ended.err.contains("--source") && ended.err.contains("nothing"), "{ended:?}");
    let ended = run(empty().path(), &["serve", "--source", "gramophone"], "");
    assert_eq!(ended.code, Some(2), "arguments are clap's: {ended:?}");
    let ended = run(empty().path(), &["serve", "--config", "missing.yaml"], "");
    assert_eq!(ended.code, Some(78), "{ended:?}");
    assert!(ended.err.contains("missing.yaml"), "{ended:?}");
    let ended = run_with(empty().path(), &["serve"], "", &[("PHOTOPHONE_SERVER__PORT", "many")]);
    assert_eq!(ended.code, Some(78), "{ended:?}");
    assert!(ended.err.contains("PHOTOPHONE_SERVER__PORT") && ended.err.contains("many"), "{ended:?}");
}

#[test]
fn config_is_checked_described_and_shown() {
    let ok = run_configured("stream: {target_fps: 20}", &["config", "check"]).ok();
    assert_eq!(ok, "config.yaml: ok\n");
    let ended = run_configured("stream: {target_fps: no}\nlog: {level: loud}", &["config", "check"]);
    assert_eq!((ended.code, ended.err.lines().count()), (Some(1), 2), "{ended:?}");
    let reference = concat!(env!("CARGO_MANIFEST_DIR"), "/config.yaml");
    run(empty().path(), &["config", "check", reference], "").ok();
    let schema: Value = serde_json::from_str(&run(empty().path(), &["config", "schema"], "").ok()).unwrap();
    assert!(schema["properties"]["stream"].is_object(), "{schema}");
    let dir = empty();
    std::fs::write(dir.path().join("config.yaml"), "stream: {target_fps: 20, min_fps: 5}").unwrap();
    let printed = run_with(dir.path(), &["config", "print"], "", &[("PHOTOPHONE_STREAM__TARGET_FPS", "25")]).ok();
    let line = |key: &str| printed.lines().find(|line| line.trim_start().starts_with(key)).unwrap();
    assert!(line("target_fps").contains("25") && line("target_fps").contains("PHOTOPHONE_STREAM__TARGET_FPS"));
    assert!(line("min_fps").contains('5') && line("min_fps").contains("config.yaml"), "{}", line("min_fps"));
    assert!(line("sse_timeout_secs").contains("default"), "{}", line("sse_timeout_secs"));
}

#[test]
fn a_variable_of_a_script_is_warned_of_and_a_misspelt_key_refused() {
    let dir = empty();
    let theirs = [("PHOTOPHONE_HOME", "/opt/photophone")];
    let warning = "PHOTOPHONE_HOME: is not a known variable and sets nothing";
    for args in [&["config", "check"][..], &["config", "print"], &["user", "list"]] {
        let ended = run_with(dir.path(), args, "", &theirs);
        assert!(ended.err.starts_with(&format!("warning: {warning}")), "{args:?}: {ended:?}");
        ended.ok();
    }
    let server = Lab::simulated("tone").env(theirs[0].0, theirs[0].1).start();
    server.wait_for_log(warning);
    let misspelt = [("PHOTOPHONE_STREAM_TARGET_FPS", "20")];
    let ended = run_with(dir.path(), &["user", "list"], "", &misspelt);
    assert_eq!(ended.code, Some(78), "{ended:?}");
    assert!(ended.err.contains("did you mean PHOTOPHONE_STREAM__TARGET_FPS?"), "{ended:?}");
    assert_eq!(run_with(dir.path(), &["config", "schema"], "", &misspelt).err, "", "it needs no configuration");
}

#[test]
fn devices_of_a_machine_without_any_are_an_empty_list() {
    let dir = empty();
    // A sound system without devices, whatever this machine has.
    std::fs::write(dir.path().join("asound.conf"), "").unwrap();
    let alsa = dir.path().join("asound.conf").display().to_string();
    // Nobody's home: no data directory is needed.
    let environment = [("ALSA_CONFIG_PATH", alsa.as_str()), ("HOME", "")];
    let ended = run_with(dir.path(), &["devices", "--json"], "", &environment);
    assert_eq!(serde_json::from_str::<Value>(&ended.ok()).unwrap(), json!([]));
    let ended = run_with(dir.path(), &["devices"], "", &environment);
    assert_eq!(ended.ok(), "No input device; --source sim runs the simulation\n");
}

#[test]
fn token_create_prints_the_token_and_warns_beside_it() {
    let dir = empty();
    let create = |scope: &str| run(dir.path(), &["token", "create", "--subject", "ada", "--scope", scope], "");
    let good = create("stream:read");
    assert_eq!(good.err, "");
    let token = good.ok();
    assert_eq!(token.trim_end().split('.').count(), 3, "{token}");
    assert_eq!(token.lines().count(), 1, "{token}");
    let odd = create("stream:raed");
    assert!(odd.err.contains("stream:raed") && odd.err.contains("did you mean stream:read?"), "{odd:?}");
    assert_eq!(odd.ok().lines().count(), 1);

    let explained = run(dir.path(), &["token", "verify"], &token).ok();
    assert!(explained.contains("ada") && explained.contains("accepted"), "{explained}");
    let refused = run(dir.path(), &["token", "verify", "x.y.z"], "");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.err.contains("token_malformed"), "{refused:?}");
    for ttl in ["0s", "366d", "8", "eternity"] {
        let ended = run(dir.path(), &["token", "create", "--subject", "ada", "--ttl", ttl], "");
        assert_eq!(ended.code, Some(2), "{ended:?}");
    }
}

#[test]
fn users_come_and_go() {
    let dir = empty();
    let user = |args: &[&str], input: &str| run(dir.path(), &[&["user"], args].concat(), input);
    user(&["add", "ada"], "correct horse battery\n").ok();
    user(&["add", "bob", "--scope", "stream:read control:write"], "battery staple").ok();
    assert_eq!(user(&["list"], "").ok(), "ada  stream:read\nbob  stream:read control:write\n");
    let short = user(&["add", "eve"], "short\n");
    assert_eq!((short.code, short.out.as_str()), (Some(1), ""), "{short:?}");
    assert!(!short.err.contains("\"short\"") && short.err.contains("8 characters"), "{short:?}");
    assert_eq!(user(&["add", "ada"], "another battery\n").code, Some(1));
    user(&["remove", "ada"], "").ok();
    assert_eq!(user(&["remove", "ada"], "").code, Some(1));
    let listed: Value = serde_json::from_str(&user(&["list", "--json"], "").ok()).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    let file = std::fs::read_to_string(dir.path().join(".local/share/photophone/users.json")).unwrap();
    assert!(file.contains("$argon2id$") && !file.contains("battery staple"), "{file}");
}

#[test]
fn every_subcommand_explains_itself_and_takes_the_common_flags() {
    let dir = empty();
    let subcommands = [
        vec!["serve"],
        vec!["devices"],
        vec!["token", "create"],
        vec!["token", "verify"],
        vec!["user", "add"],
        vec!["user", "list"],
        vec!["user", "remove"],
        vec!["login-url"],
        vec!["config", "check"],
        vec!["config", "schema"],
        vec!["config", "print"],
    ];
    for words in &subcommands {
        let help = run(dir.path(), &[&words[..], &["--help"]].concat(), "").ok();
        assert!(
            help.contains("Usage: photophone ") && help.contains("--config") && help.contains("--data-dir"),
            "{help}"
        );
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
    let all = run(dir.path(), &["--help"], "").ok();
    assert!(subcommands.iter().all(|words| all.contains(&format!("\n  {} ", words[0]))), "{all}");
    assert_eq!(run(dir.path(), &["--version"], "").ok(), format!("photophone {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(run(dir.path(), &[], "").code, Some(2));
    assert_eq!(run(dir.path(), &["dance"], "").code, Some(2));
}

#[test]
fn common_flags_hold_for_commands_that_keep_things() {
    let dir = empty();
    std::fs::write(dir.path().join("lab.yaml"), "data_dir: kept\nserver: {port: 4711}\nauth: {issuer: lab}").unwrap();
    let link = run(dir.path(), &["login-url", "--config", "lab.yaml"], "").ok();
    assert!(link.starts_with("http://127.0.0.1:4711/login?code="), "{link}");
    assert!(dir.path().join("kept/jwt-secret").is_file());
    let token = run(dir.path(), &["--config", "lab.yaml", "token", "create", "--subject", "ada"], "").ok();
    run(dir.path(), &["token", "verify", "--config", "lab.yaml"], &token).ok();
    let elsewhere = run(dir.path(), &["token", "verify", "--config", "lab.yaml", "--data-dir", "other"], &token);
    assert!(
        elsewhere.err.contains("other/jwt-secret, so no token can be judged"),
        "a flag wins over the file: {elsewhere:?}"
    );
    assert!(!dir.path().join("other").exists(), "verifying makes nothing");
    run(dir.path(), &["token", "create", "--subject", "ada", "--data-dir", "other"], "").ok();
    let strange = run(dir.path(), &["token", "verify", "--config", "lab.yaml", "--data-dir", "other"], &token);
    assert!(strange.err.contains("token_signature"), "{strange:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let dir = empty();
    for args in [&["config", "print"][..], &["config", "schema"], &["--help"], &["token", "create", "--subject", "a"]] {
        let mut child = program(dir.path()).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        child.wait().unwrap();
        assert!(!err.contains("panicked") && !err.contains("Broken pipe"), "{args:?}: {err}");
    }
    let mut server = program(dir.path()).args(SERVE).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(server.stdout.take());
    let url = dir.path().join("server.json");
    wait_until("a server that nobody reads", || url.is_file());
    assert!(server.try_wait().unwrap().is_none(), "it serves on");
    server.kill().unwrap();
    server.wait().unwrap();
}
