//! A private X server, and what can be seen on it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Larger than the window's first size in both directions.
const SIZE: &str = "1400x900x24";

pub(crate) struct Screen {
    child: Child,
    name: String,
    framebuffer: PathBuf,
}

impl Screen {
    /// Starts the server on the first free display; it keeps its pixels in a file in `folder`.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset", "-fbdir"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed (Debian: xvfb)");
        let mut number = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self { child, name: format!(":{}", number.trim()), framebuffer: folder.join("Xvfb_screen0") }
    }

    /// What `DISPLAY` has to be.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What is on the screen now, to the pixel.
    pub(crate) fn frame(&self) -> Frame {
        Frame::read(&std::fs::read(&self.framebuffer).unwrap())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The screen's pixels at one moment, as `[red, green, blue]`.
pub(crate) struct Frame {
    pixels: Vec<[u8; 3]>,
}

impl Frame {
    /// Reads an X window dump as Xvfb keeps it: a header of 32-bit words, a colour table, then rows of
    /// 32-bit pixels in this machine's byte order, blue first on little-endian ones.
    fn read(dump: &[u8]) -> Self {
        let word = |index: usize| u32::from_be_bytes(dump[index * 4..][..4].try_into().unwrap()) as usize;
        let (header, width, height, bits, line, colours) =
            (word(0), word(4), word(5), word(11), word(12), word(19));
        assert_eq!(bits, 32, "Xvfb keeps 24-bit screens in 32 bits");
        let rows = dump[header + colours * 12..].chunks_exact(line).take(height);
        let pixels = rows
            .flat_map(|row| row.chunks_exact(4).take(width).map(|pixel| [pixel[2], pixel[1], pixel[0]]))
            .collect();
        Self { pixels }
    }

    /// The part of the screen, 0 to 1, whose pixels are like this.
    pub(crate) fn share(&self, like: impl Fn([u8; 3]) -> bool) -> f64 {
        self.pixels.iter().filter(|pixel| like(**pixel)).count() as f64 / self.pixels.len() as f64
    }

    /// How many different colours are on the screen.
    pub(crate) fn shades(&self) -> usize {
        self.pixels.iter().collect::<std::collections::HashSet<_>>().len()
    }
}
