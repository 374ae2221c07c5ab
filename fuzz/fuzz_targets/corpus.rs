//! Puts a body's seeds where libFuzzer looks for its corpus: no binaries in the repository.

use std::path::Path;

/// Writes `seeds` into the first directory among the program's arguments, where libFuzzer keeps what it finds.
pub fn plant(seeds: Vec<Vec<u8>>) {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let Some(directory) = arguments.find(|argument| Path::new(argument).is_dir()) else { return };
    for (number, seed) in seeds.iter().enumerate() {
        let path = Path::new(&directory).join(format!("seed-{number}"));
        std::fs::write(&path, seed).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}
