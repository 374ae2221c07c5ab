//! A corpus of files that are broken or something else, and what the error says of each.

use std::io::{self, Read, Seek, SeekFrom};

use super::*;

/// A `fmt ` chunk in a file with one second of silence behind it.
fn with_fmt(fmt: Vec<u8>) -> Vec<u8> {
    riff(&[fmt, chunk(b"data", &[0; 48_000])])
}

/// The bytes of a good 16-bit stereo file of 100 samples, with `patch` at `at`.
fn patched(at: usize, patch: &[u8]) -> Vec<u8> {
    let mut bytes = wav(PCM, 2, 48_000, 16, &[0; 400]);
    bytes[at..at + patch.len()].copy_from_slice(patch);
    bytes
}

fn cut(bytes: usize) -> Vec<u8> {
    wav(PCM, 2, 48_000, 16, &[0; 400])[..bytes].to_vec()
}

fn sub_format(guid_byte: usize) -> Vec<u8> {
    let mut fmt = extensible(PCM, 2, 48_000, 16, 16);
    fmt[8 + 24 + guid_byte] ^= 0x55;
    with_fmt(fmt)
}

#[test]
fn a_broken_file_is_refused_with_chunk_byte_and_value() {
    let cases: &[(&str, Vec<u8>, &str)] = &[
        ("empty", vec![], "the file is empty; a WAV file (RIFF/WAVE, RF64 or BW64) would be right"),
        ("text", b"t,a,b\n0,1,2\n".to_vec(), "this is text, not audio; a WAV file"),
        ("mp3", b"ID3\x04\0\0\0\0\0\0\0\0".to_vec(), "this is an MP3 file (ID3 tag); a WAV file"),
        ("rifx", patched(0, b"RIFX"), "this is a big-endian WAV file (RIFX)"),
        ("w64", b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\0\0".to_vec(), "this is a Sony Wave64 file (W64)"),
        ("avi", patched(8, b"AVI "), "this is a RIFF file of form 'AVI '"),
        ("cut in the form's header", cut(11), "the file ends after 11 bytes, within its RIFF header"),
        ("cut after the form's header", cut(12), "no data chunk: the file ends at byte 12"),
        ("cut in a chunk's header", cut(17), "no data chunk: the file ends at byte 17"),
        ("cut in fmt", cut(30), "fmt chunk at byte 12 claims 16 bytes, the file ends after 10 of them"),
        ("cut before data", cut(DATA_AT), "no data chunk: the file ends at byte 36"),
        ("cut in data", cut(44 + 99), "data chunk at byte 36 claims 400 bytes, the file ends after 99 of them"),
        ("cut before the last byte", cut(443), "data chunk at byte 36 claims 400 bytes, the file ends after 399"),
        (
            "a chunk beyond the end",
            riff(&[sized_chunk(b"LIST", 4000, b"INFO"), fmt(PCM, 1, 8000, 8)]),
            "LIST chunk at byte 12 claims 4000 bytes, the file ends after 28 of them",
        ),
        (
            "a chunk of 4 GiB",
            riff(&[sized_chunk(b"LIST", u32::MAX, b"INFO"), fmt(PCM, 1, 8000, 8)]),
            "LIST chunk at byte 12 claims 4294967295 bytes, the file ends after 28 of them",
        ),
        (
            "ds64 beyond the end",
            form(b"RF64", &[ds64(5_000_000_000), fmt(PCM, 1, 8000, 8), sized_chunk(b"data", u32::MAX, &[0; 100])]),
            "data chunk at byte 72 claims 5000000000 bytes, the file ends after 100 of them",
        ),
        (
            "ds64 of wrong size",
            form(b"RF64", &[chunk(b"ds64", &[0; 8]), fmt(PCM, 1, 8000, 8), chunk(b"data", b"")]),
            "ds64 chunk at byte 12: its size is 8; 28 or more would be right",
        ),
        ("no fmt", riff(&[chunk(b"data", &[0; 8])]), "data chunk at byte 12: no fmt chunk before it"),
        (
            "two fmt",
            with_fmt([fmt(PCM, 1, 8000, 8), fmt(PCM, 2, 8000, 8)].concat()),
            "fmt chunk at byte 36: a second fmt chunk",
        ),
        ("fmt of 14 bytes", with_fmt(chunk(b"fmt ", &[1; 14])), "fmt chunk at byte 12: its size is 14"),
        (
            "no channels",
            patched(22, &[0, 0]),
            "fmt chunk at byte 12: channels at byte 22 is 0; 1 to 256 would be right",
        ),
        ("257 channels", with_fmt(fmt(PCM, 257, 8000, 8)), "channels at byte 22 is 257; 1 to 256 would be right"),
        ("0 Hz", patched(24, &[0; 4]), "sample rate in Hz at byte 24 is 0; 1 to 1536000 would be right"),
        ("2 MHz", with_fmt(fmt(PCM, 1, 2_000_000, 8)), "sample rate in Hz at byte 24 is 2000000; 1 to"),
        ("block align", patched(32, &[5, 0]), "block align at byte 32 is 5; 4 (2 channels of 2 bytes) would be right"),
        ("0 bits", with_fmt(fmt(PCM, 1, 8000, 0)), "bits per sample at byte 34 is 0; 8, 16, 24 or 32 (PCM)"),
        ("4 bits", with_fmt(fmt(PCM, 1, 8000, 4)), "valid bits per sample at byte 34 is 4; 8 to 8 would be right"),
        ("64-bit PCM", with_fmt(fmt(PCM, 1, 8000, 64)), "bits per sample at byte 34 is 64; 8, 16, 24 or 32 (PCM)"),
        ("16-bit float", with_fmt(fmt(FLOAT, 1, 8000, 16)), "bits per sample at byte 34 is 16; 32 or 64 (IEEE float)"),
        ("ADPCM", patched(20, &[2, 0]), "format tag at byte 20 is 0x0002 (Microsoft ADPCM); uncompressed samples"),
        ("IMA ADPCM", patched(20, &[0x11, 0]), "0x0011 (IMA ADPCM)"),
        ("A-law", patched(20, &[6, 0]), "0x0006 (A-law)"),
        ("µ-law", patched(20, &[7, 0]), "0x0007 (µ-law)"),
        ("MP3 in WAV", patched(20, &[0x55, 0]), "0x0055 (MP3)"),
        ("unknown tag", patched(20, &[0x34, 0x12]), "0x1234 (not known here)"),
        ("extensible of 16 bytes", patched(20, &[0xFE, 0xFF]), "its size is 16; WAVE_FORMAT_EXTENSIBLE needs 40"),
        ("sub-format tag", sub_format(0), "format tag at byte 44 is 0x0054 (not known here)"),
        ("sub-format GUID", sub_format(9), "sub-format GUID at byte 44 is 010000000000100080550"),
        (
            "more valid bits than bits",
            with_fmt(extensible(PCM, 1, 8000, 16, 17)),
            "valid bits per sample at byte 38 is 17; 8 to 16 would be right",
        ),
        (
            "a fraction of a sample",
            wav(PCM, 2, 8000, 16, &[0; 402]),
            "data chunk at byte 36: its size 402 is no multiple of the block align, 4 bytes",
        ),
    ];
    for (name, bytes, expected) in cases {
        let error = open(bytes).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(expected), "{name}: {error:?} does not say {expected:?}");
    }
}

#[test]
fn a_file_of_endless_empty_chunks_is_given_up() {
    let bytes = riff(&[[b"JUNK".as_slice(), &[0; 4]].concat().repeat(100_000)]);
    let error = open(&bytes).unwrap_err().to_string();
    assert_eq!(error, "no data chunk: 4096 chunks before byte 32780 and none of them holds samples");
}

#[test]
fn a_channel_that_is_not_there_is_refused_with_the_key() {
    let bytes = wav(PCM, 2, 8000, 8, &[0; 2]);
    for (a, b, expected) in [
        (3, 2, "source.channel_a: channel 3 asked for, the file has 2"),
        (0, 2, "source.channel_a: channel 0 asked for, the file has 2"),
        (1, 3, "source.channel_b: channel 3 asked for, the file has 2"),
    ] {
        assert_eq!(read_all(&bytes, a, b).unwrap_err().to_string(), expected);
    }
}

/// A medium that cannot be read beyond a byte.
#[derive(Debug)]
struct BadSector<'a> {
    file: Cursor<&'a [u8]>,
    from: u64,
}

impl Read for BadSector<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.from.saturating_sub(self.file.position()) as usize {
            0 => Err(io::Error::other("bad sector")),
            good => {
                let good = good.min(buffer.len());
                self.file.read(&mut buffer[..good])
            }
        }
    }
}

impl Seek for BadSector<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn what_the_system_cannot_read_is_told_with_the_byte() {
    let bytes = wav(PCM, 1, 8000, 8, &[128; 400]);
    let open = |from| WavReader::open(BadSector { file: Cursor::new(&bytes), from });
    assert_eq!(open(20).unwrap_err().to_string(), "reading failed at byte 0: bad sector");
    let mut reader = open(200).unwrap();
    let mut block = SampleBlock::default();
    assert_eq!(reader.read(100, &mut block).unwrap(), 100);
    assert_eq!(reader.read(100, &mut block).unwrap_err().to_string(), "reading failed at byte 144: bad sector");
}
