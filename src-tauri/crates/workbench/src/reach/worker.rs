//! Looks now and then whether the machine is called otherwise, whether a certificate ends, and whether what could not
//! be done can be done by now.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Machine;
use crate::Workbench;

/// How often, in real time: addresses change with the network, and a demo's time is not that of certificates.
const EVERY: Duration = Duration::from_secs(20);

/// Does so until it is stopped.
pub(crate) async fn run(workbench: Workbench, stopping: CancellationToken) {
    loop {
        if stopping.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_none() {
            return;
        }
        once(&workbench).await;
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
