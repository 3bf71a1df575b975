//! How to make a new app image from the one that the device has: ranges to copy there, and what must be sent.

use std::collections::HashMap;

/// Two images are compared by blocks of this many bytes of the old one.
const BLOCK_BYTES: usize = 16;
/// A copy is a message too: shorter ones are sent as they are.
const SHORTEST_COPY_BYTES: usize = 48;

/// One step; together they make the new image from its start to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Bytes `start .. end` of the new image are sent.
    Send {
        /// First byte.
        start: usize,
        /// One past the last.
        end: usize,
    },
    /// They lie in the old image, from `from` on.
    Copy {
        /// First byte in the new image.
        start: usize,
        /// One past the last.
        end: usize,
        /// First byte in the old image.
        from: usize,
    },
}

impl Step {
    /// What remains of a step when everything before `offset` is there already.
    pub fn from_offset(self, offset: usize) -> Option<Step> {
        match self {
            Step::Send { start, end } if end > offset => Some(Step::Send { start: start.max(offset), end }),
            Step::Copy { start, end, from } if end > offset => {
                let skipped = offset.saturating_sub(start);
                Some(Step::Copy { start: start + skipped, end, from: from + skipped })
            }
            _ => None,
        }
    }
}

/// Finds what of `new` lies in `old`, greedily: the first match that reaches furthest in both directions.
pub fn recipe(old: &[u8], new: &[u8]) -> Vec<Step> {
    let mut blocks: HashMap<&[u8], usize> = HashMap::new();
    for (number, block) in old.chunks_exact(BLOCK_BYTES).enumerate() {
        blocks.entry(block).or_insert(number * BLOCK_BYTES);
    }
    let mut steps = Vec::new();
    let (mut sent_to, mut place) = (0, 0);
    while let Some(block) = new.get(place..place + BLOCK_BYTES) {
        let Some(&found) = blocks.get(block) else {
            place += 1;
            continue;
        };
        let before = common(new[sent_to..place].iter().rev(), old[..found].iter().rev());
        let after = common(new[place..].iter(), old[found..].iter());
        if before + after < SHORTEST_COPY_BYTES {
            place += 1;
            continue;
        }
        let (start, end) = (place - before, place + after);
        if start > sent_to {
            steps.push(Step::Send { start: sent_to, end: start });
        }
        steps.push(Step::Copy { start, end, from: found - before });
        (sent_to, place) = (end, end);
    }
    if sent_to < new.len() {
        steps.push(Step::Send { start: sent_to, end: new.len() });
    }
    steps
}

fn common<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Follows a recipe; the image, and the bytes sent for it.
    fn cook(old: &[u8], new: &[u8], steps: &[Step]) -> (Vec<u8>, usize) {
        let (mut made, mut sent) = (Vec::new(), 0);
        for step in steps {
            match *step {
                Step::Send { start, end } => {
                    assert_eq!(start, made.len());
                    sent += end - start;
                    made.extend_from_slice(&new[start..end]);
                }
                Step::Copy { start, end, from } => {
                    assert_eq!(start, made.len());
                    made.extend_from_slice(&old[from..from + end - start]);
                }
            }
        }
        (made, sent)
    }

    fn noise(length: usize, mut state: u32) -> Vec<u8> {
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect()
    }

    #[test]
    fn recipes_make_the_new_image() {
        let old = noise(5000, 1);
        let mut inserted = old.clone();
        inserted.splice(1234..1234, noise(50, 2));
        let mut removed = old.clone();
        removed.drain(777..999);
        let moved = [&old[3000..], &old[..3000]].concat();
        for (new, most) in [
            (old.clone(), 0),
            (inserted, 100),
            (removed, 50),
            (moved, 50),
            (noise(3000, 3), 3000),
            (Vec::new(), 0),
            (vec![0; 10], 10),
            (vec![0xff; 4000], 4000),
        ] {
            let steps = recipe(&old, &new);
            let (made, sent) = cook(&old, &new, &steps);
            assert_eq!(made, new);
            assert!(sent <= most, "{sent} of at most {most}");
        }
        assert_eq!(cook(&[], &old, &recipe(&[], &old)).1, old.len());
        let even = vec![7; 4000];
        assert_eq!(cook(&even, &even, &recipe(&even, &even)), (even.clone(), 0));
    }

    #[test]
    fn resumed_in_any_place() {
        let old = noise(500, 1);
        let mut new = old.clone();
        new.splice(100..120, noise(70, 2));
        let steps = recipe(&old, &new);
        for offset in 0..=new.len() {
            let mut made = new[..offset].to_vec();
            for step in steps.iter().filter_map(|step| step.from_offset(offset)) {
                match step {
                    Step::Send { start, end } => {
                        assert_eq!(start, made.len());
                        made.extend_from_slice(&new[start..end]);
                    }
                    Step::Copy { start, end, from } => {
                        assert_eq!(start, made.len());
                        made.extend_from_slice(&old[from..from + end - start]);
                    }
                }
            }
            assert_eq!(made, new, "{offset}");
        }
    }
}
