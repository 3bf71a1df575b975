//! Arguments by position or by name, for native functions that are [`crate::Member::Keywords`].

use crate::Args;
use crate::class_id;
use crate::heap::Heap;
use crate::value::*;

impl Heap {
    /// Sorts a function's arguments by parameter. `parameters` lists the names in order (the empty name: by
    /// position only), of which the first `required` must be given.
    ///
    /// TypeError for missing, unknown, doubled and supernumerary arguments.
    pub fn bind_slots<const N: usize>(
        &self,
        args: Args,
        parameters: &[&'static str; N],
        required: usize,
    ) -> Result<[Option<Slot>; N], Raised> {
        if args.count() as usize > N {
            return Err(self.error_about(
                class_id::TYPE_ERROR,
                "expected at most {} arguments, got {}",
                Val::int(N as i32),
                Val::int(args.count() as i32),
            ));
        }
        let mut bound = [None; N];
        for (index, place) in bound.iter_mut().enumerate().take(args.count() as usize) {
            *place = Some(args.slot(index as u32));
        }
        for index in 0..args.keyword_count() {
            let name = self.get(args.keyword_slot(index));
            let text = self.str_bytes(name).unwrap_or(b"");
            let place = parameters.iter().position(|known| !known.is_empty() && known.as_bytes() == text);
            match place.and_then(|place| bound.get_mut(place)) {
                Some(place @ None) => *place = Some(args.keyword_value_slot(index)),
                Some(Some(_)) => {
                    let text = "got multiple values for argument '{}'";
                    return Err(self.error_about(class_id::TYPE_ERROR, text, name, Val::NONE));
                }
                None => {
                    let text = "'{}' is an invalid keyword argument for this function";
                    return Err(self.error_about(class_id::TYPE_ERROR, text, name, Val::NONE));
                }
            }
        }
        if let Some(missing) = bound.iter().take(required).position(Option::is_none) {
            let text = parameters.get(missing).unwrap_or(&"").as_bytes();
            // This may run where nobody tries again after a collection: rather a shorter message than MemoryError.
            return Err(match self.new_str(text) {
                Ok(name) => {
                    let text = "missing required argument '{}'";
                    self.error_about(class_id::TYPE_ERROR, text, name, Val::NONE)
                }
                Err(Raised) => self.type_error("missing required argument"),
            });
        }
        Ok(bound)
    }

    /// As [`Heap::bind_slots`], with the values in place of the slots.
    pub fn bind_arguments<const N: usize>(
        &self,
        args: Args,
        parameters: &[&'static str; N],
        required: usize,
    ) -> Result<[Option<Val<'_>>; N], Raised> {
        Ok(self.bind_slots(args, parameters, required)?.map(|slot| slot.map(|slot| self.get(slot))))
    }

    /// TypeError if there are keyword arguments.
    pub fn refuse_keywords(&self, args: Args) -> Result<(), Raised> {
        if args.keyword_count() == 0 { Ok(()) } else { Err(self.type_error("function takes no keyword arguments")) }
    }

    /// The arguments of a constructor without the class. A class that is called is itself the callee;
    /// `cls.__new__(cls, …)` has it as the first argument: it becomes the callee.
    pub(crate) fn constructor_args(&self, args: Args) -> Args {
        if self.is_class(self.get(args.callee())) || args.count() == 0 {
            return args;
        }
        Args { base: args.base - 1, positional: args.positional - 1, keywords: args.keywords }
    }
}
