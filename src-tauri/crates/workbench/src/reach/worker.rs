//! Looks now and then whether the machine is called otherwise, whether a certificate ends, and whether what could not
//! be done can be done by now.

use std::time::Duration;

use futures::future::OptionFuture;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Machine;
use crate::Workbench;

/// How often, in real time: addresses change with the network, and a demo's time is not that of certificates.
const EVERY: Duration = Duration::from_secs(20);

/// Does so until it is stopped; when a certificate is to be made anew by the clock that certificates go by, at once.
pub(crate) async fn run(workbench: Workbench, stopping: CancellationToken) {
    let mut changes = workbench.reach().subscribe();
    let mut look = Instant::now() + EVERY;
    // When a certificate was to be made anew the last time that it was tried: what failed is tried again now and then.
    let mut tried = None;
    loop {
        changes.mark_unchanged();
        let due = workbench.renewal_due().await.filter(|due| tried != Some(*due));
        let renewal = OptionFuture::from(due.map(|due| workbench.reach().clock.sleep_until(due)));
        let wait = async {
            tokio::select! {
                () = tokio::time::sleep_until(look) => true,
                Some(()) = renewal => true,
                // Another certificate may be shown by now.
                Ok(()) = changes.changed() => false,
            }
        };
        match stopping.run_until_cancelled(wait).await {
            None => return,
            Some(false) => {}
            Some(true) => {
                let now = workbench.reach().clock.now();
                tried = due.filter(|due| *due <= now).or(tried);
                once(&workbench).await;
                look = Instant::now() + EVERY;
            }
        }
    }
}

async fn once(workbench: &Workbench) {
    let wanted = workbench.settings().reach;
    let before = workbench.reach().now();
    let Ok(machine) = tokio::task::spawn_blocking(Machine::now).await else { return };
    if machine != before.machine {
        tracing::info!(addresses = ?machine.addresses, "this machine has other addresses");
        workbench.reach().change(|now| now.machine = machine);
    }
    // A change of the settings meanwhile does the same.
    let _changing = workbench.changing_settings().lock().await;
    if wanted != workbench.settings().reach {
        return;
    }
    workbench.settle_reach().await;
    if let Err(error) = workbench.renew_in_time().await {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the certificate could not be renewed; it is tried again"
        );
    }
}
