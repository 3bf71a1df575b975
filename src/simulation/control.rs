//! Commands to a simulated board, one per line: what a hand on the bench would do.

use std::time::Duration;

/// How long `press` holds a button; longer than any debouncing filter waits.
pub const PRESS_TIME: Duration = Duration::from_millis(60);

/// One command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Control {
    /// `pin N high|low|release`: drives a pin from outside, or lets go of it.
    Pin {
        /// The pin's number.
        pin: u16,
        /// `None` lets go.
        level: Option<bool>,
    },
    /// `press N`: a button to ground: low for a moment, then let go.
    Press {
        /// The pin's number.
        pin: u16,
    },
    /// `pins`: shows the pins.
    Pins,
    /// `reset`: the board's reset button.
    Reset,
    /// `power-cycle`: supply off and on.
    PowerCycle,
    /// `quit`: ends the simulator.
    Quit,
    /// `help`.
    Help,
}

/// What `help` says.
pub const HELP: &str = "pin N high|low|release, press N, pins, reset, power-cycle, quit";

impl Control {
    /// Understands a line; `None` for an empty one.
    pub fn parse(line: &str) -> Result<Option<Control>, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |word: &str| word.parse::<u16>().map_err(|_| format!("not a pin number: `{word}`"));
        Ok(Some(match words.as_slice() {
            [] => return Ok(None),
            ["pin", pin, level] => Control::Pin {
                pin: number(pin)?,
                level: match *level {
                    "high" | "1" => Some(true),
                    "low" | "0" => Some(false),
                    "release" => None,
                    other => return Err(format!("not a level: `{other}` (high, low or release)")),
                },
            },
            ["press", pin] => Control::Press { pin: number(pin)? },
            ["pins"] => Control::Pins,
            ["reset"] => Control::Reset,
            ["power-cycle"] => Control::PowerCycle,
            ["quit" | "exit"] => Control::Quit,
            ["help"] => Control::Help,
            _ => return Err(format!("not a command: `{}` ({HELP})", line.trim())),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        assert_eq!(Control::parse(" "), Ok(None));
        assert_eq!(Control::parse("pin 0 low\n"), Ok(Some(Control::Pin { pin: 0, level: Some(false) })));
        assert_eq!(Control::parse("pin 15 high"), Ok(Some(Control::Pin { pin: 15, level: Some(true) })));
        assert_eq!(Control::parse("pin 3 release"), Ok(Some(Control::Pin { pin: 3, level: None })));
        assert_eq!(Control::parse("press 7"), Ok(Some(Control::Press { pin: 7 })));
        assert_eq!(Control::parse("power-cycle"), Ok(Some(Control::PowerCycle)));
        for bad in ["pin", "pin x low", "pin 1 up", "press", "press -1", "press 70000", "jump"] {
            assert!(Control::parse(bad).is_err(), "{bad}");
        }
    }
}
