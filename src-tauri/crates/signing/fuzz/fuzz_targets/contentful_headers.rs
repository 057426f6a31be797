#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hookbench_signing::fuzz::contentful_headers(data));
