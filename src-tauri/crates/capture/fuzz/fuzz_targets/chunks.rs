#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hookbench_capture::fuzz::chunks(data));
