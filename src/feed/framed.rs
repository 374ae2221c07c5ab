//! A binary message behind the header of the WebSocket frame that carries it (RFC 6455 §5.2). A server's frames are not
//! masked, so one frame is right for all viewers, and the message is a part of it.

use bytes::Bytes;

/// Longest header of a frame that is not masked.
const HEADER_BYTES_MAX: usize = 10;

/// The first byte: the frame is the whole message (FIN), which is binary (opcode 2), or text (opcode 1).
const WHOLE_BINARY: u8 = 0x82;
const WHOLE_TEXT: u8 = 0x81;

/// A message and the frame that carries it, in one piece of memory.
#[derive(Clone, Debug)]
pub struct FramedMessage {
    frame: Bytes,
    header_bytes: usize,
}

impl FramedMessage {
    /// Of the message that `write` appends.
    pub fn write(write: impl FnOnce(&mut Vec<u8>)) -> Self {
        // How long the header is depends on the message behind it: it ends where that begins.
        let mut bytes = vec![0; HEADER_BYTES_MAX];
        write(&mut bytes);
        let (header, header_bytes) = header(WHOLE_BINARY, bytes.len() - HEADER_BYTES_MAX);
        let start = HEADER_BYTES_MAX - header_bytes;
        bytes[start..HEADER_BYTES_MAX].copy_from_slice(&header[..header_bytes]);
        Self { frame: Bytes::from(bytes).slice(start..), header_bytes }
    }

    /// The whole frame.
    pub fn frame(&self) -> &Bytes {
        &self.frame
    }

    /// The message alone.
    pub fn message(&self) -> Bytes {
        self.frame.slice(self.header_bytes..)
    }
}

/// Appends a message of text, made of these pieces, in its frame.
pub fn append_text_frame(out: &mut Vec<u8>, pieces: &[&[u8]]) {
    let length = pieces.iter().map(|piece| piece.len()).sum();
    let (header, header_bytes) = header(WHOLE_TEXT, length);
    out.reserve(header_bytes + length);
    out.extend_from_slice(&header[..header_bytes]);
    pieces.iter().for_each(|piece| out.extend_from_slice(piece));
}

/// The header of a frame with a payload of `length` bytes, and how much of it counts.
fn header(first: u8, length: usize) -> ([u8; HEADER_BYTES_MAX], usize) {
    let mut header = [0; HEADER_BYTES_MAX];
    header[0] = first;
    let header_bytes = match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..=125), _) => {
            header[1] = short;
            2
        }
        (_, Ok(medium)) => {
            header[1] = 126;
            header[2..4].copy_from_slice(&medium.to_be_bytes());
            4
        }
        _ => {
            header[1] = 127;
            header[2..].copy_from_slice(&(length as u64).to_be_bytes());
            10
        }
    };
    (header, header_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_takes_as_few_bytes_as_it_can() {
        let table: [(usize, &[u8]); 6] = [
            (0, &[0x82, 0]),
            (125, &[0x82, 125]),
            (126, &[0x82, 126, 0, 126]),
            (300, &[0x82, 126, 1, 44]),
            (65_535, &[0x82, 126, 255, 255]),
            (65_536, &[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ];
        for (length, expected) in table {
            let payload: Vec<u8> = (0..length).map(|index| index as u8).collect();
            let framed = FramedMessage::write(|out| out.extend(&payload));
            assert_eq!(framed.frame()[..], [expected, &payload].concat(), "{length} bytes");
            assert_eq!(framed.message(), payload, "{length} bytes");
            let (mut text, (one, other)) = (b"before".to_vec(), payload.split_at(length / 2));
            append_text_frame(&mut text, &[one, other]);
            assert_eq!(text, [b"before\x81", &expected[1..], &payload].concat(), "{length} bytes");
        }
    }
}
