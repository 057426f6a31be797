//! Capture, durable, against a bare axum server that stores nothing: in one process, on one machine, in
//! turn. Prints one JSON object a line.
//!
//! `cargo bench --bench capture -- [--seconds S] [--rounds N] [--connections C] [--body B] [--alone]`. With `--alone`
//! the bare server is left out, for a profiler to see nothing but the product; there is no ratio then.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "printing its results is what a benchmark is for")]

mod cpu;
mod load;
mod servers;

use std::time::Duration;

use load::Load;
use servers::{Bare, Product, Served};

/// The allocator that the program has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Connections, and what the product has to reach of the bare server's rate.
const CLOSED_LOOP: [(usize, Option<f64>); 4] =
    [(1, None), (16, Some(0.20)), (64, Some(0.35)), (256, Some(0.50))];
const BODIES: [usize; 2] = [1 << 10, 64 << 10];
/// The most that CPU and, at a thousand a second, the p99 may be of the bare server's.
const CPU_GOAL: f64 = 3.0;
const P99_GOAL: f64 = 4.0;

#[derive(Clone, Copy, Debug)]
struct Options {
    time: Duration,
    rounds: usize,
    /// Only with so many connections, and only with bodies of that size.
    connections: Option<usize>,
    body: Option<usize>,
    /// Without the bare server.
    alone: bool,
}

impl Options {
    fn read() -> Self {
        let arguments: Vec<String> = std::env::args().collect();
        let value = |name: &str| {
            let at = arguments.iter().position(|argument| argument == name)?;
            arguments.get(at + 1)?.parse::<f64>().ok()
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
        let count = |name: &str| value(name).map(|count| count.max(1.0) as usize);
        Self {
            time: Duration::from_secs_f64(value("--seconds").unwrap_or(1.5)),
            rounds: count("--rounds").unwrap_or(3),
            connections: count("--connections"),
            body: count("--body"),
            alone: arguments.iter().any(|argument| argument == "--alone"),
        }
    }
}

/// What the bare server gives where it is left out: not a number, and so no ratio.
const UNMEASURED: Measure = Measure { per_s: f64::NAN, cpu_us: Some(f64::NAN), p99_ms: f64::NAN };

/// One measure of one server.
#[derive(Clone, Copy, Debug)]
struct Measure {
    per_s: f64,
    cpu_us: Option<f64>,
    p99_ms: f64,
}

fn main() {
    let options = Options::read();
    for body in BODIES {
        for (connections, goal) in CLOSED_LOOP {
            // The goals are for bodies of 1 KiB; the larger ones are shown beside them.
            let goal = goal.filter(|_| body == BODIES[0]);
            compare(&options, &Load { connections, body, per_s: None }, goal);
        }
    }
    compare(&options, &Load { connections: 32, body: BODIES[0], per_s: Some(1000) }, None);
}

fn compare(options: &Options, load: &Load, goal: Option<f64>) {
    let is_other = |wanted: Option<usize>, has: usize| wanted.is_some_and(|wanted| wanted != has);
    if is_other(options.connections, load.connections) || is_other(options.body, load.body) {
        return;
    }
    let (mut bare, mut product) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        bare.push(if options.alone { UNMEASURED } else { measure(&Bare::start(), load, options.time) });
        product.push(measure(&Product::start(), load, options.time));
    }
    let rate = |measures: &[Measure]| Spread::of(measures.iter().map(|measure| measure.per_s));
    let p99 = |measures: &[Measure]| Spread::of(measures.iter().map(|measure| measure.p99_ms));
    let cpu = |measures: &[Measure]| {
        let known: Option<Vec<f64>> = measures.iter().map(|measure| measure.cpu_us).collect();
        known.map(|known| Spread::of(known.into_iter()))
    };
    let (connections, body) = (load.connections, load.body);
    if load.per_s.is_some() {
        let (bare, product) = (p99(&bare), p99(&product));
        println!(
            r#"{{"path":"capture durable, p99 at 1000/s","connections":{connections},"body":{body},"bare_ms":{:.3},"product_ms":{:.3},"spread_ms":[{:.3},{:.3}],"ratio":{:.3},"goal":{P99_GOAL},"goal_is":"at_most"}}"#,
            bare.median,
            product.median,
            product.least,
            product.most,
            product.median / bare.median,
        );
        return;
    }
    let (bare_rate, product_rate) = (rate(&bare), rate(&product));
    let goal = goal.map_or_else(|| "null".to_owned(), |goal| goal.to_string());
    println!(
        r#"{{"path":"capture durable","connections":{connections},"body":{body},"bare_per_s":{:.0},"bare_spread":[{:.0},{:.0}],"product_per_s":{:.0},"product_spread":[{:.0},{:.0}],"product_p99_ms":{:.2},"ratio":{:.3},"goal":{goal}}}"#,
        bare_rate.median,
        bare_rate.least,
        bare_rate.most,
        product_rate.median,
        product_rate.least,
        product_rate.most,
        p99(&product).median,
        product_rate.median / bare_rate.median,
    );
    if let (Some(bare), Some(product)) = (cpu(&bare), cpu(&product)) {
        println!(
            r#"{{"path":"capture durable, CPU a request","connections":{connections},"body":{body},"bare_us":{:.1},"product_us":{:.1},"ratio":{:.2},"goal":{CPU_GOAL},"goal_is":"at_most"}}"#,
            bare.median,
            product.median,
            product.median / bare.median,
        );
    }
}

fn measure(server: &impl Served, load: &Load, time: Duration) -> Measure {
    let request = server.request(load.body);
    load.run(server.address(), &request, time / 5);
    let before = cpu::spent();
    let done = load.run(server.address(), &request, time);
    let spent = cpu::spent().zip(before).map(|(after, before)| after.saturating_sub(before));
    server.check(done.count);
    Measure {
        per_s: done.count as f64 / done.time.as_secs_f64(),
        cpu_us: spent.map(|spent| spent.as_secs_f64() * 1e6 / done.count as f64),
        p99_ms: done.p99.as_secs_f64() * 1e3,
    }
}

/// Median, least and most of some measures.
#[derive(Clone, Copy, Debug)]
struct Spread {
    median: f64,
    least: f64,
    most: f64,
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        Self { median: values[values.len() / 2], least: values[0], most: values[values.len() - 1] }
    }
}
