//! Unary and binary operators in the order in which the multi opcodes number them.

macro_rules! operators {
    ($(#[$meta:meta])* $type:ident: $( $name:ident $symbol:literal )*) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum $type { $( #[doc = concat!("`", $symbol, "`")] $name, )* }

        impl $type {
            /// Every operator; the index is the operand of the multi opcode.
            pub const ALL: &'static [$type] = &[ $( $type::$name, )* ];

            /// The operator with this number.
            pub const fn decode(n: u8) -> Option<$type> {
                if (n as usize) < Self::ALL.len() { Some(Self::ALL[n as usize]) } else { None }
            }

            /// As written in Python (`except` for the exception match, which has no symbol).
            pub const fn symbol(self) -> &'static str {
                match self { $( $type::$name => $symbol, )* }
            }
        }
    };
}

operators! {
    /// Operand of [`crate::Opcode::UnaryOpMulti`].
    UnaryOperator:
    Positive "+"
    Negative "-"
    Invert "~"
    Not "not"
}

operators! {
    /// Operand of [`crate::Opcode::BinaryOpMulti`].
    BinaryOperator:
    Less "<"
    More ">"
    Equal "=="
    LessEqual "<="
    MoreEqual ">="
    NotEqual "!="
    In "in"
    Is "is"
    ExceptionMatch "except"
    InplaceOr "|="
    InplaceXor "^="
    InplaceAnd "&="
    InplaceLshift "<<="
    InplaceRshift ">>="
    InplaceAdd "+="
    InplaceSubtract "-="
    InplaceMultiply "*="
    InplaceMatMultiply "@="
    InplaceFloorDivide "//="
    InplaceTrueDivide "/="
    InplaceModulo "%="
    InplacePower "**="
    Or "|"
    Xor "^"
    And "&"
    Lshift "<<"
    Rshift ">>"
    Add "+"
    Subtract "-"
    Multiply "*"
    MatMultiply "@"
    FloorDivide "//"
    TrueDivide "/"
    Modulo "%"
    Power "**"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Opcode;

    #[test]
    fn every_operator_has_a_code() {
        assert_eq!(UnaryOperator::ALL.len(), usize::from(Opcode::UnaryOpMulti.count()));
        assert_eq!(BinaryOperator::ALL.len(), usize::from(Opcode::BinaryOpMulti.count()));
        assert_eq!(BinaryOperator::decode(8), Some(BinaryOperator::ExceptionMatch));
        assert_eq!(BinaryOperator::decode(34), Some(BinaryOperator::Power));
        assert_eq!(BinaryOperator::decode(35), None);
    }
}
