//! The window: a webview around the contract's own router, and what only a window has.

mod arguments;
mod batch;
mod display;
mod files;
mod indicator;
mod notification;
mod protocol;
mod system;
mod tray;
mod window;

use std::process::ExitCode;

use clap::Parser as _;
use tauri::Manager as _;

fn main() -> ExitCode {
    let _arguments = arguments::Arguments::parse();
    if let Err(error) = display::find() {
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), "hookbench-desktop: {error}");
        return ExitCode::FAILURE;
    }
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _, _| window::reveal(app)))
        .plugin(
            tauri_plugin_window_state::Builder::default()
                .with_state_flags(
                    tauri_plugin_window_state::StateFlags::all()
                        & !tauri_plugin_window_state::StateFlags::VISIBLE,
                )
                .build(),
        )
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .invoke_handler(tauri::generate_handler![files::save_file, files::open_file])
        .setup(|app| {
            window::create(app.handle(), None)?;
            let t = tray::create(app.handle());
            app.manage(t);
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run_return(|_, _| ());
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::FAILURE,
    }
}
