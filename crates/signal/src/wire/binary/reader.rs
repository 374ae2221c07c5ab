//! Reads a stream of messages that arrives in arbitrary pieces, as over `application/octet-stream`.

use super::error::{DecodeError, StreamError};
use super::header::{Lengths, MAX_MESSAGE_BYTES, PREFIX_BYTES};
use super::message::Message;

/// Puts pieces together to messages. Holds at most the beginning of one message; one that lies whole within a piece is
/// read where it is.
#[derive(Debug)]
pub struct MessageReader {
    most_bytes: usize,
    /// The beginning of a message whose end has not come yet.
    partial: Vec<u8>,
    /// Where the message at hand begins in the stream.
    message_at: u64,
    failure: Option<StreamError>,
}

impl MessageReader {
    /// A reader of messages of at most `most_bytes`, and never more than [`MAX_MESSAGE_BYTES`].
    pub fn new(most_bytes: usize) -> Self {
        Self { most_bytes: most_bytes.min(MAX_MESSAGE_BYTES), partial: Vec::new(), message_at: 0, failure: None }
    }

    /// Takes the next piece of the stream and hands each message that is whole with it to `each`.
    ///
    /// # Errors
    /// When the stream is not one of messages; then and ever after, as nobody knows where the next one begins. What was
    /// whole before has been handed on.
    pub fn read(&mut self, piece: &[u8], mut each: impl FnMut(Message<'_>)) -> Result<(), StreamError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.read_all(piece, &mut each).map_err(|error| {
            let failure = StreamError { message_at: self.message_at, error };
            self.failure = Some(failure);
            failure
        })
    }

    /// Bytes of a message whose end has not come: not zero at the end of a stream that was cut off.
    pub fn pending_bytes(&self) -> usize {
        self.partial.len()
    }

    fn read_all(&mut self, mut piece: &[u8], each: &mut impl FnMut(Message<'_>)) -> Result<(), DecodeError> {
        while !piece.is_empty() {
            if !self.partial.is_empty() {
                piece = self.complete(piece, each)?;
                continue;
            }
            match Lengths::read(piece, self.most_bytes)? {
                Some(lengths) if lengths.message_bytes <= piece.len() => {
                    let (message, rest) = piece.split_at(lengths.message_bytes);
                    each(Message::read(message, lengths)?);
                    self.message_at += message.len() as u64;
                    piece = rest;
                }
                _ => {
                    self.partial.extend(piece);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Adds to the partial message what it still needs, or what is there of it; gives the rest.
    fn complete<'p>(&mut self, piece: &'p [u8], each: &mut impl FnMut(Message<'_>)) -> Result<&'p [u8], DecodeError> {
        let lengths = Lengths::read(&self.partial, self.most_bytes)?;
        let wanted = lengths.map_or(PREFIX_BYTES, |lengths| lengths.message_bytes) - self.partial.len();
        let (added, rest) = piece.split_at(wanted.min(piece.len()));
        self.partial.extend(added);
        match Lengths::read(&self.partial, self.most_bytes)? {
            Some(lengths) if lengths.message_bytes == self.partial.len() => {
                each(Message::read(&self.partial, lengths)?);
                self.message_at += self.partial.len() as u64;
                self.partial.clear();
            }
            _ => {}
        }
        Ok(rest)
    }
}
