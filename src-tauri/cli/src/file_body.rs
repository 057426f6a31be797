//! A file, or standard input, as the body of a call: read as it is sent.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, ReadBuf};

use crate::error::CliError;

/// So much is read at once, in bytes.
const PIECE: usize = 64 << 10;

/// What is left of a file.
pub(crate) struct FileBody {
    source: Box<dyn AsyncRead + Send + Unpin>,
    /// How many bytes there are still, where that is known.
    left: Option<u64>,
}

impl FileBody {
    /// Opens a file; `-` is standard input.
    pub(crate) async fn open(path: &Path) -> Result<Self, CliError> {
        if path == Path::new("-") {
            return Ok(Self { source: Box::new(tokio::fs::File::from_std(standard_input()?)), left: None });
        }
        let fault = |source| CliError::File { path: path.to_owned(), source };
        let file = tokio::fs::File::open(path).await.map_err(fault)?;
        let known = file.metadata().await.map_err(fault)?;
        if known.is_dir() {
            return Err(fault(io::ErrorKind::IsADirectory.into()));
        }
        // A pipe says nothing of its length.
        Ok(Self { left: known.is_file().then_some(known.len()), source: Box::new(file) })
    }
}

/// Standard input as a file: nothing else of this process reads it.
fn standard_input() -> io::Result<std::fs::File> {
    #[cfg(unix)]
    let owned = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned();
    #[cfg(windows)]
    let owned = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned();
    Ok(owned?.into())
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.left == Some(0) {
            return Poll::Ready(None);
        }
        let mut piece = BytesMut::zeroed(PIECE);
        let mut buffer = ReadBuf::new(&mut piece);
        if let Err(error) = ready!(Pin::new(&mut self.source).poll_read(context, &mut buffer)) {
            return Poll::Ready(Some(Err(error)));
        }
        let mut read = buffer.filled().len();
        if let Some(left) = &mut self.left {
            // What is added while it is read belongs to another time; what is cut away is missing.
            read = read.min(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= read as u64;
            if read == 0 {
                return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
            }
        }
        piece.truncate(read);
        Poll::Ready((read > 0).then(|| Ok(Frame::data(piece.freeze()))))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
