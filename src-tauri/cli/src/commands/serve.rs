use std::net::SocketAddr;
use std::path::PathBuf;

use hookbench_api::{Door, TcpDoor, router};
use hookbench_workbench::{OpenOptions, Options, Reached, Running, Workbench, default_data_dir};
use serde_json::json;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::signals::Signals;
use crate::args::{Common, LogFormat, ServeArgs};
use crate::client::segment;
use crate::connections::Bounded;
use crate::error::CliError;
use crate::output;

/// How long open calls may take to end once the server stops.
const GRACE: std::time::Duration = std::time::Duration::from_secs(5);

/// Runs the workspace until it is asked to stop.
pub(crate) async fn run(common: &Common, args: ServeArgs) -> Result<(), CliError> {
    let token = token_of_the_environment()?.unwrap_or_else(hookbench_workbench::token);
    log_to_stderr(args.log_format);
    let mut signals = Signals::listen()?;
    let listener = TcpListener::bind(args.api).await.map_err(|source| CliError::Listen {
        what: "the API",
        addr: args.api,
        source,
    })?;
    let addr = listener.local_addr()?;
    let opened = Workbench::open(Options {
        data_dir: common.data.clone(),
        capture: args.capture,
        demo: args.demo,
        store: OpenOptions { key: common.keys, ..OpenOptions::default() },
        ..Options::default()
    });
    let workbench = match opened.await {
        Ok(workbench) => workbench,
        Err(source) if args.demo && common.data.is_none() => return Err(source.into()),
        Err(source) => return Err(CliError::open(data_dir(common)?, source)),
    };
    let work = async {
        let door = args.hosts.iter().fold(TcpDoor::new(token.clone(), addr), |door, host| door.named(host));
        let done = serve(common, &workbench, listener, (token, door)).await;
        tracing::info!("stopping: what is under way ends");
        workbench.shutdown().await;
        tracing::info!("stopped");
        done
    };
    // Nothing is lost by ending in the middle: what was answered is on disk.
    tokio::select! {
        done = work => done,
        () = asked_twice(&workbench, &mut signals) => Err(CliError::StoppedAtOnce),
    }
}

/// Has the workspace stop once somebody asks for it, and ends when somebody asks again.
async fn asked_twice(workbench: &Workbench, signals: &mut Signals) {
    signals.asked().await;
    workbench.announce_stop();
    signals.asked().await;
}

async fn serve(
    common: &Common,
    workbench: &Workbench,
    listener: TcpListener,
    (token, door): (String, TcpDoor),
) -> Result<(), CliError> {
    let running = Running {
        api: format!("http://{}", as_a_host(listener.local_addr()?)),
        capture: workbench.capture_origin(),
        token,
        data_dir: workbench.data_dir().to_owned(),
        pid: std::process::id(),
    };
    running.announce()?;
    tell(common, &running, &workbench.reached())?;
    tracing::info!(
        api = running.api,
        capture = running.capture,
        data_dir = %running.data_dir.display(),
        pid = running.pid,
        version = env!("CARGO_PKG_VERSION"),
        "serving"
    );
    let app = router(workbench.clone(), Door::Tcp(door));
    let server = axum::serve(Bounded::new(listener), app).with_graceful_shutdown(workbench.stopping());
    let out_of_time = async {
        workbench.stopping().await;
        tokio::time::sleep(GRACE).await;
    };
    let ended = tokio::select! {
        ended = server => ended,
        () = out_of_time => Ok(()),
    };
    running.withdraw()?;
    Ok(ended?)
}

/// The first words on standard output; with `--json`, a line that programs read.
fn tell(common: &Common, running: &Running, reached: &Reached) -> Result<(), CliError> {
    if common.json {
        let said = json!({
            "api": running.api,
            "capture": running.capture,
            "capture_origins": reached.origins,
            "token": running.token,
            "data_dir": running.data_dir,
            "pid": running.pid,
        });
        return output::line(&said.to_string());
    }
    output::line(&format!("Interface  {}/?token={}", running.api, segment(&running.token)))?;
    output::line(&format!("API        {}/v1  (Authorization: Bearer {})", running.api, running.token))?;
    output::line(&format!("Inboxes    {}/…", running.capture))?;
    for origin in reached.origins.iter().skip(1) {
        output::line(&format!("           {origin}/…"))?;
    }
    if reached.exposed {
        output::line("           Other machines of the network reach them.")?;
    }
    if let Some(problem) = &reached.problem {
        output::line(&format!("           {problem}"))?;
    }
    output::line(&format!("Data       {}", running.data_dir.display()))?;
    output::line("Ctrl-C stops it.")
}

/// An address as it stands in a URL that this machine can open.
fn as_a_host(addr: SocketAddr) -> SocketAddr {
    match addr {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => ([127, 0, 0, 1], v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (std::net::Ipv6Addr::LOCALHOST, v6.port()).into(),
        other => other,
    }
}

/// A token that somebody chose; an empty one is none. What cannot stand in a header and a cookie is refused.
fn token_of_the_environment() -> Result<Option<String>, CliError> {
    let Some(token) = std::env::var_os("HOOKBENCH_TOKEN").filter(|token| !token.is_empty()) else {
        return Ok(None);
    };
    let fits = |text: &String| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';');
    match token.into_string().ok().filter(fits) {
        Some(token) => Ok(Some(token)),
        None => Err(CliError::Usage(
            "HOOKBENCH_TOKEN must be printable ASCII, without spaces and without a semicolon".to_owned(),
        )),
    }
}

/// The folder of the workspace that is meant.
pub(crate) fn data_dir(common: &Common) -> Result<PathBuf, CliError> {
    Ok(common.data.clone().map_or_else(default_data_dir, Ok)?)
}

/// What libraries tell at their finest holds headers, and so tokens: whoever wants that names the library. What one
/// calls an error, a certificate that is refused, is an ordinary outcome here, and the attempt's record says it.
const LIBRARIES: [&str; 9] = [
    "h2=info",
    "hyper=info",
    "hyper_util=info",
    "reqwest=info",
    "rustls=info",
    "rustls_platform_verifier=off",
    "sqlx=info",
    "tokio_socks=info",
    "tower_http=info",
];

fn log_to_stderr(format: LogFormat) {
    let given = std::env::var("HOOKBENCH_LOG").ok().filter(|text| !text.trim().is_empty());
    let wanted = given.unwrap_or_else(|| "info".to_owned());
    // A directive that is given later goes before an earlier one for the same library.
    let filter = EnvFilter::try_new(format!("{},{wanted}", LIBRARIES.join(",")));
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
        LogFormat::Json => {
            log.json().flatten_event(true).with_current_span(false).with_span_list(false).init();
        }
    }
}
