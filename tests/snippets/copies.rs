include!(concat!(env!("OUT_DIR"), "/copies.rs"));
