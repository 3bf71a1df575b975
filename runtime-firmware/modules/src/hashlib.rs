//! `hashlib`: SHA-256.

use crate::class_id::SHA256;
use vm::{Args, Heap, Member, Raised, Ret, Row, Sink, TypeDef, Val, Vm, class_id};

pub(crate) const MEMBERS: &[Row] =
    &[Row("new", Member::General(new_by_name, 1, 2)), Row("sha256", Member::Type(SHA256))];

/// Field: a bytearray of the state: eight words, the length in bytes (eight bytes), and the block that is being
/// filled.
pub(crate) const TYPES: &[TypeDef] = &[TypeDef {
    id: SHA256,
    name: "sha256",
    base: class_id::OBJECT,
    members: &[
        Row("__new__", Member::General(new, 0, 2)),
        Row("block_size", Member::Int(64)),
        Row("copy", Member::Leaf(copy, 1, 1)),
        Row("digest", Member::Leaf(digest, 1, 1)),
        Row("digest_size", Member::Int(32)),
        Row("hexdigest", Member::Leaf(hexdigest, 1, 1)),
        Row("name", Member::Str("sha256")),
        Row("update", Member::Leaf(update, 2, 2)),
    ],
}];

const STATE_BYTES: usize = 32 + 8 + 64;

const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

#[rustfmt::skip]
const ROUNDS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// The function itself, apart from the heap.
#[derive(Clone, Copy)]
struct Sha256 {
    words: [u32; 8],
    length: u64,
    block: [u8; 64],
}

impl Sha256 {
    fn new() -> Sha256 {
        Sha256 { words: INITIAL, length: 0, block: [0; 64] }
    }

    fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let place = (self.length % 64) as usize;
            self.block[place] = *byte;
            self.length += 1;
            if place == 63 {
                self.compress();
            }
        }
    }

    fn compress(&mut self) {
        let mut schedule = [0u32; 64];
        for (word, bytes) in schedule.iter_mut().zip(self.block.chunks_exact(4)) {
            *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
        }
        for index in 16..64 {
            let (x, y) = (schedule[index - 15], schedule[index - 2]);
            let low = x.rotate_right(7) ^ x.rotate_right(18) ^ x >> 3;
            let high = y.rotate_right(17) ^ y.rotate_right(19) ^ y >> 10;
            schedule[index] =
                schedule[index - 16].wrapping_add(low).wrapping_add(schedule[index - 7]).wrapping_add(high);
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = self.words;
        for (word, constant) in schedule.iter().zip(ROUNDS) {
            let sum = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = e & f ^ !e & g;
            let first = h.wrapping_add(sum).wrapping_add(choice).wrapping_add(constant).wrapping_add(*word);
            let sum = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let second = sum.wrapping_add(a & b ^ a & c ^ b & c);
            (h, g, f, e) = (g, f, e, d.wrapping_add(first));
            (d, c, b, a) = (c, b, a, first.wrapping_add(second));
        }
        for (word, add) in self.words.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *word = word.wrapping_add(add);
        }
    }

    fn finish(mut self) -> [u8; 32] {
        let bits = self.length * 8;
        self.update(&[0x80]);
        while self.length % 64 != 56 {
            self.update(&[0]);
        }
        self.update(&bits.to_be_bytes());
        let mut digest = [0; 32];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(self.words) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        digest
    }

    fn load(heap: &Heap, object: Val<'_>) -> Result<Sha256, Raised> {
        let object = heap.expect_native(object, SHA256)?;
        let mut bytes = [0; STATE_BYTES];
        let cells = heap.bytearray_cells(heap.native_field(object, 0)).unwrap_or(&[]);
        bytes.iter_mut().zip(cells).for_each(|(byte, cell)| *byte = cell.get());
        let mut state = Sha256::new();
        for (word, bytes) in state.words.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        }
        state.length = bytes[32..40].iter().rev().fold(0, |length, byte| length << 8 | u64::from(*byte));
        state.block.copy_from_slice(&bytes[40..]);
        Ok(state)
    }

    fn store(&self, heap: &Heap, object: Val<'_>) {
        let cells = heap.bytearray_cells(heap.native_field(object, 0)).unwrap_or(&[]);
        let words = self.words.iter().flat_map(|word| word.to_le_bytes());
        let bytes = words.chain(self.length.to_le_bytes()).chain(self.block);
        cells.iter().zip(bytes).for_each(|(cell, byte)| cell.set(byte));
    }
}

fn make<'h>(heap: &'h Heap, state: &Sha256) -> Result<Val<'h>, Raised> {
    let bytes = heap.new_bytearray(STATE_BYTES as u32)?;
    let object = heap.new_native(SHA256, 1)?;
    heap.set_native_field(object, 0, bytes);
    state.store(heap, object);
    Ok(object)
}

fn data<'h>(heap: &'h Heap, value: Val<'h>) -> Result<&'h [u8], Raised> {
    match heap.buffer(value)? {
        Some(bytes) => Ok(bytes),
        None if heap.is_str(value) => Err(heap.type_error("Strings must be encoded before hashing")),
        None => Err(heap.type_error("object supporting the buffer API required")),
    }
}

fn new(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    let args = vm.heap.without_class(args);
    vm.make_ret(|heap| {
        let mut state = Sha256::new();
        if let Some(value) = heap.optional_arg(args, 0) {
            state.update(data(heap, value)?);
        }
        make(heap, &state)
    })
}

fn new_by_name(vm: &mut Vm<'_>, args: Args) -> Result<Ret, Raised> {
    if vm.heap.expect_str(vm.heap.arg(args, 0))? != b"sha256" {
        let text = "unsupported hash type {}";
        return Err(vm.heap.error_about(class_id::VALUE_ERROR, text, vm.heap.arg(args, 0), Val::NONE));
    }
    vm.make_ret(|heap| {
        let mut state = Sha256::new();
        if let Some(value) = heap.optional_arg(args, 1) {
            state.update(data(heap, value)?);
        }
        make(heap, &state)
    })
}

fn update(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let mut state = Sha256::load(heap, heap.arg(args, 0))?;
    state.update(data(heap, heap.arg(args, 1))?);
    state.store(heap, heap.arg(args, 0));
    Ok(Val::NONE)
}

fn copy(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let state = Sha256::load(heap, heap.arg(args, 0))?;
    make(heap, &state)
}

fn digest(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    heap.new_bytes(&Sha256::load(heap, heap.arg(args, 0))?.finish())
}

fn hexdigest(heap: &Heap, args: Args) -> Result<Val<'_>, Raised> {
    let digest = Sha256::load(heap, heap.arg(args, 0))?.finish();
    let mut sink = Sink::new(heap);
    for byte in digest {
        sink.push_hex(u32::from(byte), 2)?;
    }
    sink.finish()
}
