//! House rules that a machine can check: which module may import which, which foreign crate has which door, and how
//! files look. Adding an arrow or a door is a decision: change the table here and say why in the commit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom, in the order in which data flows. `clock` and the signal crate are open to all.
const ARROWS: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("config", &["files", "text"]),
    ("files", &[]),
    ("json", &[]),
    ("lifecycle", &[]),
    ("logging", &["config", "lifecycle"]),
    ("text", &[]),
    ("source", &["config", "files"]),
    ("stream", &["source"]),
    ("acquisition", &["config", "logging", "source", "stream"]),
    ("spectrum", &["config", "text"]),
    // Finds the tone that it follows in a spectrum.
    ("lockin", &["config", "spectrum", "text"]),
    ("feed", &["config", "lifecycle", "lockin", "logging", "spectrum", "stream"]),
    ("events", &["text"]),
    ("auth", &["config", "files", "json"]),
    // Reads the settings of spectra and lock-ins from queries.
    (
        "http",
        &[
            "auth",
            "config",
            "events",
            "feed",
            "json",
            "lifecycle",
            "lockin",
            "logging",
            "source",
            "spectrum",
            "stream",
            "text",
        ],
    ),
    ("calibration", &["config", "files", "spectrum"]),
    ("announcement", &["auth", "running", "source", "stream"]),
    ("descriptors", &["config"]),
    ("reload", &["acquisition", "config", "events", "http", "logging"]),
    ("report", &["config", "descriptors", "source", "stream"]),
    ("running", &["files"]),
    ("witness", &["events", "stream"]),
    ("tls", &["config", "files"]),
    (
        "app",
        &[
            "acquisition",
            "announcement",
            "auth",
            "calibration",
            "config",
            "descriptors",
            "events",
            "feed",
            "http",
            "lifecycle",
            "logging",
            "reload",
            "report",
            "running",
            "source",
            "spectrum",
            "stream",
            "tls",
            "witness",
        ],
    ),
    ("cli", &["app", "auth", "calibration", "config", "logging", "running", "source", "tls"]),
    ("main", &["cli"]),
];

/// Foreign crates that few files may know, so that each can be replaced in one place.
const DOORS: &[(&str, &[&str])] = &[
    ("anstream", &["src/logging/"]),
    ("alsa", &["src/source/microphone/quiet.rs"]),
    ("argon2", &["src/auth/"]),
    ("chrono", &["src/events/"]),
    ("cpal", &["src/source/microphone/host.rs"]),
    ("crc32fast", &["src/feed/gzip"]),
    ("env_filter", &["src/logging/", "src/config/log.rs"]),
    ("env_logger", &["src/logging/"]),
    ("flate2", &["src/feed/gzip"]),
    ("governor", &["src/http/login_limiter.rs", "src/http/capture_limiter.rs"]),
    ("http_body_util", &["src/http/server/"]),
    ("hyper", &["src/http/server/"]),
    ("hyper_util", &["src/http/server/"]),
    ("jsonwebtoken", &["src/auth/"]),
    ("rand_chacha", &["src/source/simulated/noise.rs", "src/source/simulated/losses.rs"]),
    ("realfft", &["src/spectrum/transform.rs"]),
    ("regex", &["src/events/filter"]),
    ("ring", &["src/auth/"]),
    // Log targets are named after crates.
    ("rocket", &["src/http/", "src/logging/"]),
    ("rpassword", &["src/cli/user.rs"]),
    ("rtrb", &["src/source/handoff.rs"]),
    ("rust_embed", &["src/http/assets.rs"]),
    ("rustls", &["src/http/server/mod.rs", "src/tls.rs"]),
    ("serde_saphyr", &["src/config/yaml.rs"]),
    ("sqlx", &["src/events/store/"]),
    ("tokio_rustls", &["src/http/server/"]),
    ("tokio_tungstenite", &["src/http/websocket/"]),
];

/// Lines at which a file has to be split, or say at its head why not.
const LINES_MAX: usize = 600;

#[test]
fn modules_import_only_along_the_arrows() {
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        let module = module_of(&file);
        if module == "lib" {
            continue;
        }
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: module {module} has no arrows", file.display()));
            continue;
        };
        for imported in imports(&read(&file)) {
            if imported != module && imported != "clock" && !allowed.contains(&imported.as_str()) {
                wrong.push(format!("{}: {module} must not know {imported}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn foreign_crates_come_in_through_their_door() {
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        let (path, text) = (file.to_string_lossy().replace('\\', "/"), code(&read(&file)));
        for (name, doors) in DOORS {
            if names_crate(&text, name) && !doors.iter().any(|door| path.starts_with(door)) {
                wrong.push(format!("{path}: {name} belongs in {}", doors.join(" or ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_and_stays_small() {
    let mut wrong = Vec::new();
    for file in ["src", "crates", "tests", "benches", "examples"].into_iter().flat_map(rust_files) {
        let text = read(&file);
        let head: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
        if head.is_empty() {
            wrong.push(format!("{}: the first line does not say what the file is", file.display()));
        }
        let lines = text.lines().count();
        if lines > LINES_MAX && !head.iter().any(|line| line.contains("long because")) {
            wrong.push(format!("{}: {lines} lines; split it or say at its head why it is long", file.display()));
        }
        // Put together here, so that this file does not find itself.
        for word in [["TO", "DO"], ["FIX", "ME"]].map(|parts| parts.concat()) {
            if text.contains(&word) {
                wrong.push(format!("{}: {word}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_knows_its_plot_library_in_one_file() {
    let wrong: Vec<_> = files("web/src", &["ts", "tsx"])
        .into_iter()
        .filter(|file| !file.ends_with("plot/uplot.ts") && read(file).contains("from \"uplot"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Whether `name::` stands in the text as a path's first word.
fn names_crate(text: &str, name: &str) -> bool {
    text.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = text[..at].chars().next_back().unwrap_or(' ');
        !before.is_alphanumeric() && before != '_' && before != ':'
    })
}

/// The top-level module that a file belongs to.
fn module_of(file: &Path) -> String {
    let first = file.components().nth(1).unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Top-level modules named by `crate::…` in the code.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code(text).split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            found.extend(top_level(group));
        } else {
            found.extend(word(rest));
        }
    }
    found
}

/// Names at the first level of a `{…}` group whose opening brace is gone.
fn top_level(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut start) = (0, Vec::new(), true);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            _ if depth == 0 && start && character.is_alphabetic() => {
                names.extend(word(&group[at..]));
                start = false;
            }
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> Option<String> {
    let end = text.find(|character: char| !character.is_ascii_lowercase() && character != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// The text without comments; what looks like one in a string is none.
fn code(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
            continue;
        }
        let within_word = code.ends_with(|before: char| before.is_alphanumeric() || before == '_');
        let length = literal(rest, within_word).unwrap_or(first.len_utf8());
        code.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    code
}

/// Length of the string or quoted character with which the text begins, if it does; the `r` of a raw string is not the
/// last letter of a word.
fn literal(text: &str, within_word: bool) -> Option<usize> {
    if let Some(body) = text.strip_prefix('"') {
        let mut escaped = false;
        let end = body.find(|character| {
            let ends = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            ends
        });
        return Some(end.map_or(text.len(), |end| end + 2));
    }
    if let Some(quoted) = ["'\"'", "'\\\"'"].into_iter().find(|quoted| text.starts_with(quoted)) {
        return Some(quoted.len());
    }
    let hashes = text.strip_prefix('r')?;
    let body = hashes.trim_start_matches('#').strip_prefix('"').filter(|_| !within_word)?;
    let start = text.len() - body.len();
    let end = format!("\"{}", "#".repeat(start - 2));
    Some(body.find(&end).map_or(text.len(), |at| start + at + end.len()))
}

#[test]
fn a_comment_is_no_code_and_a_string_is_no_comment() {
    for (text, expected) in [
        ("a // b\nc", "a \nc"),
        (r#"let url = "https://lab"; crate::http // x"#, r#"let url = "https://lab"; crate::http "#),
        (r#""a\"//b" // c"#, r#""a\"//b" "#),
        (r#""\\" // c"#, r#""\\" "#),
        ("r\"\\\" // c", "r\"\\\" "),
        ("r#\"a\"//b\"# // c", "r#\"a\"//b\"# "),
        ("'\"' // c", "'\"' "),
        ("'\\\"' // c", "'\\\"' "),
        ("fn a<'a>() {} // c", "fn a<'a>() {} "),
        ("r#type // c", "r#type "),
    ] {
        assert_eq!(code(text), expected, "{text}");
    }
}

fn rust_files(dir: &str) -> Vec<PathBuf> {
    files(dir, &["rs"])
}

/// Files below `dir` with one of these endings, relative to the package.
fn files(dir: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![PathBuf::from(dir)];
    while let Some(dir) = pending.pop() {
        let Ok(entries) = fs::read_dir(root().join(&dir)) else { continue };
        for entry in entries {
            let entry = entry.unwrap();
            let path = dir.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)) {
                found.push(path);
            }
        }
    }
    found
}

fn read(file: &Path) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
