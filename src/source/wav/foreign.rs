//! What a file is that is not a WAV file, told from its first bytes, so that the error can say what to do.

/// Bytes that [`describe`] looks at.
pub(super) const HEAD_BYTES: usize = 64;

/// Offset, bytes found there, and what such a file is. The first match counts.
const SIGNATURES: &[(usize, &[u8], &str)] = &[
    (0, b"RIFX", "a big-endian WAV file (RIFX)"),
    (0, b"riff\x2E\x91\xCF\x11", "a Sony Wave64 file (W64)"),
    (0, b"ID3", "an MP3 file (ID3 tag)"),
    (0, b"fLaC", "a FLAC file"),
    (0, b"OggS", "an Ogg file"),
    (0, b"caff", "an Apple CAF file"),
    (0, b".snd", "an AU file"),
    (0, b"wvpk", "a WavPack file"),
    (4, b"ftyp", "an MPEG-4 file"),
    (8, b"AIFF", "an AIFF file"),
    (8, b"AIFC", "an AIFF-C file"),
    (0, b"\x1A\x45\xDF\xA3", "a Matroska or WebM file"),
    (0, b"\x89HDF", "an HDF5 file"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"MATLAB", "a MATLAB file"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"\x1F\x8B", "a gzip archive"),
];

/// What a file is whose first bytes (at most [`HEAD_BYTES`]) are `head`, as the start of a sentence.
pub(super) fn describe(head: &[u8]) -> String {
    if head.is_empty() {
        return "the file is empty".into();
    }
    let known = SIGNATURES.iter().find(|(at, bytes, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(bytes)));
    if let Some((_, _, what)) = known {
        return format!("this is {what}");
    }
    match head {
        [b'R', b'I', b'F', b'F', ..] | [b'R', b'F', b'6', b'4', ..] | [b'B', b'W', b'6', b'4', ..] => {
            riff_without_wave(head)
        }
        // An MPEG audio frame begins with eleven set bits and a layer that is not the reserved 0.
        [0xFF, second, ..] if second & 0xE0 == 0xE0 && second & 0x06 != 0 => "this looks like an MP3 file".into(),
        _ if is_text(head) => "this is text, not audio".into(),
        _ => format!("the file begins with the bytes {}", hex(&head[..head.len().min(4)])),
    }
}

fn riff_without_wave(head: &[u8]) -> String {
    match head.get(8..12) {
        Some(form) => format!("this is a RIFF file of form '{}'", form.escape_ascii()),
        None => format!("the file ends after {} bytes, within its RIFF header", head.len()),
    }
}

fn is_text(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let whole = match std::str::from_utf8(head) {
        Ok(_) => true,
        // The head may end within a character.
        Err(error) => error.error_len().is_none(),
    };
    whole && !head.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_file_is_named() {
        let cases: &[(&[u8], &str)] = &[
            (b"", "the file is empty"),
            (b"RIFX\0\0\0\x24WAVEfmt ", "this is a big-endian WAV file (RIFX)"),
            (b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB", "this is a Sony Wave64 file (W64)"),
            (b"RIFF\x10\0\0\0AVI LIST", "this is a RIFF file of form 'AVI '"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "this is a RIFF file of form 'WEBP'"),
            (b"RIFF\x10\0", "the file ends after 6 bytes, within its RIFF header"),
            (b"ID3\x04\0\0\0\0\0\0", "this is an MP3 file (ID3 tag)"),
            (b"\xFF\xFB\x90\x64\0\0", "this looks like an MP3 file"),
            (b"FORM\0\0\0\0AIFFCOMM", "this is an AIFF file"),
            (b"time;a;b\n0.0;1;2\n", "this is text, not audio"),
            ("\u{FEFF}Größe".as_bytes(), "this is text, not audio"),
            (b"\0\0\0\0\0\0", "the file begins with the bytes 00 00 00 00"),
            (b"\xFF\xFF", "this looks like an MP3 file"),
            (b"\xFF\xF9\x50\x80", "the file begins with the bytes FF F9 50 80"),
        ];
        for (head, expected) in cases {
            assert_eq!(describe(head), *expected, "{}", head.escape_ascii());
        }
    }
}
