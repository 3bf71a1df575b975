//! Elementary functions at the board's width: boards with single precision never run (nor, built so, hold) the
//! double-precision ones.

macro_rules! functions {
    ($($name:ident($($x:ident),*) $double:ident $single:ident;)*) => {
        $(
            #[doc = concat!("`", stringify!($double), "` at the board's width.")]
            #[inline]
            pub fn $name(single: bool, $($x: f64),*) -> f64 {
                if single { libm::$single($($x as f32),*) as f64 } else { libm::$double($($x),*) }
            }
        )*
    };
}

functions! {
    power(x, y) pow powf;
    remainder(x, y) fmod fmodf;
    hypotenuse(x, y) hypot hypotf;
    angle(y, x) atan2 atan2f;
    exponential(x) exp expf;
    logarithm(x) log logf;
    sine(x) sin sinf;
    cosine(x) cos cosf;
}
