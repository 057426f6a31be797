//! The order of things: engine and toolkit start side by side, the window opens on both, and when it is
//! gone the engine drains.

use std::process::ExitCode;

use tauri::plugin::TauriPlugin;
use tauri::{App, AppHandle, Builder, Manager as _, RunEvent, WindowEvent, Wry};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogKind};
use tauri_plugin_window_state::StateFlags;

use crate::arguments::Arguments;
use crate::changes::{self, Subscription};
use crate::complaint::{self, Complaint};
use crate::engine::Engine;
use crate::tray::{self, HasTray};
use crate::{display, files, instance, protocol, socket, system, window};

/// Opens the window and returns when it is closed for good.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Complaint> {
    display::find()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    tauri::async_runtime::set(runtime.handle().clone());
    let instance = instance::plugin(&arguments);
    let handle = runtime.handle().clone();
    let opening = runtime.spawn_blocking(move || handle.block_on(Engine::open(arguments)));
    // A second instance ends in here, before anybody asks what became of its engine.
    let app = build(instance)?;
    match runtime.block_on(opening).map_err(Complaint::from).and_then(|opened| Ok(opened?)) {
        Ok(engine) => {
            runtime.spawn(socket::serve(engine.clone()));
            let outcome = show(app, engine.clone());
            socket::remove(&engine);
            runtime.block_on(engine.stop());
            outcome
        }
        Err(complaint) => {
            if complaint::needs_dialog() {
                explain(app, &complaint);
            }
            Err(complaint)
        }
    }
}

fn build(instance: Option<TauriPlugin<Wry>>) -> tauri::Result<App> {
    let mut builder = Builder::default();
    if let Some(instance) = instance {
        // The first of the plugins, so that a second instance does nothing else.
        builder = builder.plugin(instance);
    }
    builder
        .plugin(window_state())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .register_asynchronous_uri_scheme_protocol(protocol::SCHEME, |context, request, responder| {
            let engine = context.app_handle().state::<Engine>();
            let answering = tauri::async_runtime::spawn(protocol::answer(engine.router.clone(), request));
            tauri::async_runtime::spawn(async move {
                responder.respond(answering.await.unwrap_or_else(|_| protocol::broken()));
            });
        })
        .invoke_handler(tauri::generate_handler![
            changes::subscribe_changes,
            files::save_file,
            files::save_answer,
            files::open_file
        ])
        .build(tauri::generate_context!())
}

/// Size and place are remembered. Whether it is seen is not: a window that was closed into the tray opens
/// the next time.
fn window_state() -> TauriPlugin<Wry> {
    tauri_plugin_window_state::Builder::default()
        .with_state_flags(StateFlags::all() & !StateFlags::VISIBLE)
        .build()
}

fn show(app: App, engine: Engine) -> Result<ExitCode, Complaint> {
    app.manage(engine.clone());
    app.manage(Subscription::default());
    let failed = std::rc::Rc::new(std::cell::RefCell::new(None));
    let failure = std::rc::Rc::clone(&failed);
    let code = app.run_return(move |app, event| match event {
        RunEvent::Ready => {
            if let Err(error) = open(app, &engine) {
                *failure.borrow_mut() = Some(error);
                app.exit(1);
            }
        }
        RunEvent::WindowEvent { event, .. } => heed(app, &engine, &event),
        _ => {}
    });
    match failed.take() {
        Some(error) => Err(error.into()),
        None => Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)),
    }
}

fn open(app: &AppHandle, engine: &Engine) -> tauri::Result<()> {
    window::create(app, engine.theme())?;
    app.manage(tray::create(app));
    tauri::async_runtime::spawn(changes::follow_settings(app.clone(), engine.clone()));
    tauri::async_runtime::spawn(changes::follow_alerts(app.clone(), engine.clone()));
    Ok(())
}

fn heed(app: &AppHandle, engine: &Engine, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            let HasTray(has_tray) = *app.state::<HasTray>();
            if has_tray && engine.workbench.settings().close_to_tray {
                api.prevent_close();
                window::hide(app);
            }
        }
        // The system's colours changed; they are ours unless a theme was chosen.
        WindowEvent::ThemeChanged(_) if engine.theme().is_none() => {
            window::paint_ground(app, system::theme());
        }
        _ => {}
    }
}

/// Shows why there is no window to somebody who started the program by its icon.
fn explain(app: App, complaint: &Complaint) {
    let text = complaint.in_full();
    app.run_return(move |app, event| {
        if let RunEvent::Ready = event {
            let dialog =
                app.dialog().message(&text).title("Hookbench cannot open").kind(MessageDialogKind::Error);
            let app = app.clone();
            dialog.show(move |_| app.exit(1));
        }
    });
}
