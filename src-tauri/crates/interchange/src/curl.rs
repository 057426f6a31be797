//! `curl` commands, as people write them and as the tools of browsers copy them, for POSIX shells, Windows' `cmd` and
//! PowerShell.

mod command;
mod data;
mod options;
mod shell;
mod words;

pub(crate) use data::{Part, multipart};

use crate::read::Intake;
use crate::{Fault, Place, ReadError};

/// A file of commands longer than this is none, in bytes: a command is read as a whole.
const LONGEST: usize = 64 << 20;

pub(crate) fn read(content: &[u8], intake: &mut Intake<'_>) -> Result<(), ReadError> {
    let text = std::str::from_utf8(content).map_err(|_| intake.broken("it is not UTF-8"))?;
    if text.len() > LONGEST {
        return Err(intake.broken(format!("commands of more than {LONGEST} bytes are not read")));
    }
    let shell = shell::Shell::of(text);
    for (index, words) in words::commands(text, shell).into_iter().enumerate() {
        let place = || Place::Command(index + 1);
        match words.and_then(command::messages) {
            Ok((messages, notes)) => {
                for message in messages {
                    intake.take(place(), Ok(message))?;
                }
                for note in notes {
                    intake.note(note);
                }
            }
            Err(fault) => intake.take(place(), Err::<_, Fault>(fault))?,
        }
    }
    Ok(())
}
