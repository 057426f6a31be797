//! `hookbench`: the command line and the headless server.
//!
//! Commands speak the `/v1` contract and nothing else: over TCP to the workspace that runs, or to a router
//! over a folder that the command opens itself.

mod args;
mod client;
mod commands;
mod connections;
mod error;
mod feed;
mod file_body;
mod output;
mod place;
mod secret;
mod span;
mod whole_file;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use hookbench_workbench::{Clock as _, SystemClock};

use args::{Cli, Command, Common};
use client::Client;
use commands::{Context, serve};
use error::CliError;
use output::Form;

/// Deliveries and captures take and give back much memory across threads, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = parsed();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let done = runtime.block_on(run(cli));
    // What is over is closed; what was told to end at once is not waited for.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has had enough: `hookbench … | head` is no failure.
        Err(CliError::Stdio(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// The command line as it was typed. A demo is thrown away unless its folder was typed: `HOOKBENCH_DATA`, which names
/// the usual workspace, says nothing about it.
fn parsed() -> Cli {
    let matches = Cli::command().get_matches();
    let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let typed = |matches: &clap::ArgMatches| {
        matches.value_source("data") == Some(clap::parser::ValueSource::CommandLine)
    };
    let is_typed = typed(&matches) || matches.subcommand().is_some_and(|(_, own)| typed(own));
    if let Command::Serve(args) = &cli.command
        && args.demo
        && !is_typed
    {
        cli.common.data = None;
    }
    cli
}

#[expect(clippy::print_stderr, reason = "this is where a command's failure is told")]
fn fail(error: &CliError) -> ExitCode {
    // What is wrong with a file may be told in the file's own words.
    let words: Vec<String> = error::whole(error).lines().map(output::escaped).collect();
    eprintln!("hookbench: {}", words.join("\n"));
    ExitCode::from(error.exit_code())
}

async fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Command::Serve(args) => serve::run(&cli.common, args).await,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "hookbench", &mut script);
            output::bytes(&script)
        }
        Command::Openapi => output::line(&hookbench_api::openapi_json()),
        command => with_workspace(&cli.common, command).await,
    }
}

/// Opens the way to the workspace, does what was asked, and closes what was opened.
async fn with_workspace(common: &Common, command: Command) -> Result<(), CliError> {
    let form = if common.json { Form::Json } else { Form::Text };
    let data_dir = serve::data_dir(common)?;
    let client = Client::open(data_dir.clone(), capture_address(&command), common.keys).await?;
    // A demo's time is its own.
    let now = client.now().await.unwrap_or_else(|| SystemClock.now().to_datetime());
    let context = Context { client, data_dir, form, now };
    let done = dispatch(&context, command).await;
    context.client.close().await;
    done
}

/// A folder that a command opens itself captures at the usual address only where it listens.
fn capture_address(command: &Command) -> SocketAddr {
    match command {
        Command::Listen(args) => args.capture,
        _ => ([127, 0, 0, 1], 0).into(),
    }
}

async fn dispatch(context: &Context, command: Command) -> Result<(), CliError> {
    match command {
        Command::Send(args) => commands::send::run(context, args).await,
        Command::Listen(args) => commands::listen::run(context, args).await,
        Command::Endpoints { verb } => commands::endpoints::run(context, verb).await,
        Command::Events { verb } => commands::events::run(context, verb).await,
        Command::Deliveries { verb } => commands::deliveries::run(context, verb).await,
        Command::Retry(args) => commands::retry::run(context, args).await,
        Command::Faults { verb } => commands::faults::run(context, verb).await,
        Command::Clock(args) => commands::clock::run(context, args).await,
        Command::Inboxes { verb } => commands::inboxes::run(context, verb).await,
        Command::Requests { verb } => commands::requests::run(context, verb).await,
        Command::Filters { verb } => commands::filters::run(context, verb).await,
        Command::Import(args) => commands::import::run(context, args).await,
        Command::Export(args) => commands::export::run(context, *args).await,
        Command::Sign(args) => commands::signatures::sign(context, args).await,
        Command::Verify(args) => commands::signatures::verify(context, args).await,
        Command::Providers { verb } => commands::providers::run(context, verb).await,
        Command::Certificate { verb } => commands::certificate::run(context, verb).await,
        Command::Settings(args) => commands::settings::run(context, args).await,
        Command::Schedule(args) => commands::schedule::run(context, *args).await,
        Command::Schemes { verb } => commands::schemes::run(context, verb).await,
        Command::Shapes { verb } => commands::shapes::run(context, verb).await,
        Command::Serve(_) | Command::Completions { .. } | Command::Openapi => Ok(()),
    }
}
