//! The cap on a reply's body, on the way from the socket to the client.
//!
//! The client puts a message together whatever its size. So a message that is too large is replaced before it gets there:
//! its head says another size, and a mark comes in the place of its body, which is thrown away as it arrives. Nothing else
//! is touched. Owns as much of AMQP's framing as that takes. Main type: [`Cap`].

use std::collections::HashMap;

/// The octets in front of a frame's payload: its type, its channel and its size.
const HEAD: usize = 7;
/// The octet behind it.
const END: u8 = 0xce;
/// The type of a frame that says how large a body is.
const CONTENT_HEADER: u8 = 2;
/// The type of a frame with a part of a body.
const BODY: u8 = 3;
/// Where in the payload of a content header the size of the body stands.
const SIZE: std::ops::Range<usize> = 4..12;

/// Watches the frames of a connection.
#[derive(Debug)]
pub(super) struct Cap {
    largest: u64,
    mark: Box<[u8]>,
    state: State,
    /// How much of the body of each channel is still to be thrown away.
    refused: HashMap<u16, u64>,
}

#[derive(Debug)]
enum State {
    /// The frame's head, as far as it is there.
    Head(Vec<u8>),
    /// A content header, as far as it is there; what is missing.
    Content(Vec<u8>, usize),
    /// The rest of a frame that is passed on, or not.
    Rest { left: usize, passes: bool },
}

impl Cap {
    /// Replaces bodies of more than `largest` octets by `mark`.
    pub(super) fn new(largest: usize, mark: &[u8]) -> Self {
        Self { largest: largest as u64, mark: mark.into(), state: State::Head(Vec::new()), refused: HashMap::new() }
    }

    /// Takes in what comes from the socket, and adds to `out` what the client gets.
    pub(super) fn pass(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            match &mut self.state {
                State::Head(head) => {
                    let taken = bytes.len().min(HEAD - head.len());
                    head.extend_from_slice(&bytes[..taken]);
                    bytes = &bytes[taken..];
                    if head.len() == HEAD {
                        let head = std::mem::take(head);
                        self.begin(&head, out);
                    }
                }
                State::Content(frame, left) => {
                    let taken = bytes.len().min(*left);
                    frame.extend_from_slice(&bytes[..taken]);
                    *left -= taken;
                    bytes = &bytes[taken..];
                    if *left == 0 {
                        let frame = std::mem::take(frame);
                        self.content(frame, out);
                        self.state = State::Head(Vec::new());
                    }
                }
                State::Rest { left, passes } => {
                    let taken = bytes.len().min(*left);
                    if *passes {
                        out.extend_from_slice(&bytes[..taken]);
                    }
                    *left -= taken;
                    bytes = &bytes[taken..];
                    if *left == 0 {
                        self.state = State::Head(Vec::new());
                    }
                }
            }
        }
    }

    /// Decides what becomes of a frame.
    fn begin(&mut self, head: &[u8], out: &mut Vec<u8>) {
        let channel = u16::from_be_bytes([head[1], head[2]]);
        let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]);
        // With the octet behind it.
        let left = size as usize + 1;
        if head[0] == CONTENT_HEADER {
            self.state = State::Content(head.to_vec(), left);
            return;
        }
        let refused = self.refused.get_mut(&channel).filter(|_| head[0] == BODY);
        let passes = match refused {
            None => true,
            Some(refused) => {
                *refused = refused.saturating_sub(u64::from(size));
                if *refused == 0 {
                    self.refused.remove(&channel);
                }
                false
            }
        };
        if passes {
            out.extend_from_slice(head);
        }
        self.state = State::Rest { left, passes };
    }

    /// Passes on a content header, or one with a mark behind it.
    fn content(&mut self, mut frame: Vec<u8>, out: &mut Vec<u8>) {
        let channel = [frame[1], frame[2]];
        let Some(Ok(size)) = frame.get(HEAD..).and_then(|payload| payload.get(SIZE)).map(<[u8; 8]>::try_from) else {
            return out.append(&mut frame);
        };
        let size = u64::from_be_bytes(size);
        if size <= self.largest {
            return out.append(&mut frame);
        }
        self.refused.insert(u16::from_be_bytes(channel), size);
        frame[HEAD + SIZE.start..HEAD + SIZE.end].copy_from_slice(&(self.mark.len() as u64).to_be_bytes());
        out.append(&mut frame);
        out.extend_from_slice(&[BODY, channel[0], channel[1]]);
        out.extend_from_slice(&u32::try_from(self.mark.len()).unwrap_or(u32::MAX).to_be_bytes());
        out.extend_from_slice(&self.mark);
        out.push(END);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
        let size = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&[kind], &channel.to_be_bytes()[..], &size, payload, &[END]].concat()
    }

    fn header(channel: u16, size: u64) -> Vec<u8> {
        frame(CONTENT_HEADER, channel, &[&[0, 60, 0, 0], &size.to_be_bytes()[..], &[0, 0]].concat())
    }

    /// What the client gets, however the octets arrive.
    fn passed(frames: &[Vec<u8>]) -> Vec<u8> {
        let bytes = frames.concat();
        let mut results = [1, 3, 8, bytes.len()].map(|step| {
            let mut cap = Cap::new(10, b"mark");
            let mut out = Vec::new();
            bytes.chunks(step).for_each(|chunk| cap.pass(chunk, &mut out));
            out
        });
        assert!(results.iter().all(|result| *result == results[0]));
        std::mem::take(&mut results[0])
    }

    #[test]
    fn what_is_small_enough_passes_as_it_is() {
        let frames = [frame(1, 0, b"method"), header(1, 10), frame(BODY, 1, b"0123456789"), frame(8, 0, b"")];
        assert_eq!(passed(&frames), frames.concat());
    }

    #[test]
    fn a_body_that_is_too_large_is_replaced_and_others_are_not() {
        let frames = [
            header(1, 11),
            frame(BODY, 1, b"012345"),
            header(2, 3),
            frame(BODY, 2, b"abc"),
            frame(BODY, 1, b"67890"),
            header(1, 1),
            frame(BODY, 1, b"x"),
        ];
        let expected = [
            header(1, 4),
            frame(BODY, 1, b"mark"),
            header(2, 3),
            frame(BODY, 2, b"abc"),
            header(1, 1),
            frame(BODY, 1, b"x"),
        ];
        assert_eq!(passed(&frames), expected.concat());
    }

    #[test]
    fn what_is_no_content_header_passes_as_it_is() {
        let frames = [frame(CONTENT_HEADER, 1, b"short")];
        assert_eq!(passed(&frames), frames.concat());
    }
}
