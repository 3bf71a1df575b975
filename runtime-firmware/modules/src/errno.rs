//! `errno`: the numbers that `OSError` carries.

use vm::{Args, Member, Raised, Ret, Row, Vm};

macro_rules! codes {
    ($($name:literal = $number:literal,)*) => {
        pub(crate) const MEMBERS: &[Row] = &[
            $(Row($name, Member::Int($number)),)*
            // Another name for EOPNOTSUPP.
            Row("ENOTSUP", Member::Int(95)),
            Row("errorcode", Member::Computed(errorcode)),
        ];
        const NAMES: &[(i32, &str)] = &[$(($number, $name),)*];
    };
}

codes! {
    "EPERM" = 1,
    "ENOENT" = 2,
    "EIO" = 5,
    "EBADF" = 9,
    "EAGAIN" = 11,
    "ENOMEM" = 12,
    "EACCES" = 13,
    "EBUSY" = 16,
    "EEXIST" = 17,
    "ENODEV" = 19,
    "ENOTDIR" = 20,
    "EISDIR" = 21,
    "EINVAL" = 22,
    "EMFILE" = 24,
    "EFBIG" = 27,
    "ENOSPC" = 28,
    "EROFS" = 30,
    "ENAMETOOLONG" = 36,
    "ENOTEMPTY" = 39,
    "EOPNOTSUPP" = 95,
    "EADDRINUSE" = 98,
    "ECONNABORTED" = 103,
    "ECONNRESET" = 104,
    "ENOBUFS" = 105,
    "ENOTCONN" = 107,
    "ETIMEDOUT" = 110,
    "ECONNREFUSED" = 111,
    "EHOSTUNREACH" = 113,
    "EALREADY" = 114,
    "EINPROGRESS" = 115,
}

fn errorcode(vm: &mut Vm<'_>, _args: Args) -> Result<Ret, Raised> {
    vm.make_ret(|heap| {
        let dict = heap.new_dict(NAMES.len() as u32)?;
        for (number, name) in NAMES {
            heap.table_set(dict, vm::Val::int(*number), heap.new_str(name.as_bytes())?)?;
        }
        Ok(dict)
    })
}
