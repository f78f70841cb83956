use jiff::{ToSpan, civil::Date};
use tickwise_market::{Calendar, Session};

/// Maps wall time to moments of recorded sessions.
///
/// Sessions are played one after the other at `speed` times real time; the
/// hours between them take no time. The mapping depends on nothing but its
/// parameters, so every symbol is in step and a restart changes nothing.
#[derive(Clone, Debug)]
pub struct ReplayClock {
    sessions: Vec<Session>,
    /// Milliseconds of recorded time before each session, same order.
    elapsed_before_ms: Vec<i64>,
    lap_ms: i64,
    epoch_ms: i64,
    speed: f64,
    looping: bool,
}

/// A moment of a recorded session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// How often the whole recording has been played before.
    pub lap: u64,
    /// Exchange time in the recording.
    pub source_ms: i64,
}

/// What is played at a moment of wall time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// This session, up to `moment`.
    Playing {
        /// The session.
        session: Session,
        /// Lap and exchange time.
        moment: Moment,
    },
    /// The last session of the only lap has been played.
    Ended {
        /// The last session.
        session: Session,
    },
}

impl ReplayClock {
    /// A clock over the sessions of `first..=last`, starting at wall time
    /// `epoch_ms`. `None` when there is no session, or `speed` is not a positive
    /// finite number.
    pub fn new(
        calendar: Calendar,
        first: Date,
        last: Date,
        epoch_ms: i64,
        speed: f64,
        looping: bool,
    ) -> Option<Self> {
        if !(speed.is_finite() && speed > 0.0) {
            return None;
        }
        let days = first.series(1.day()).take_while(|date| *date <= last);
        let sessions: Vec<Session> = days.filter_map(|date| calendar.session(date)).collect();
        let mut lap_ms = 0;
        let mut elapsed_before_ms = Vec::with_capacity(sessions.len());
        for session in &sessions {
            elapsed_before_ms.push(lap_ms);
            lap_ms += session.close_ms - session.open_ms;
        }
        (lap_ms > 0).then_some(Self { sessions, elapsed_before_ms, lap_ms, epoch_ms, speed, looping })
    }

    /// What is played at a moment of wall time. Before the epoch: the opening.
    pub fn position(&self, now_ms: i64) -> Option<Position> {
        let played_ms = ((now_ms - self.epoch_ms).max(0) as f64 * self.speed) as i64;
        let lap = played_ms / self.lap_ms;
        if lap > 0 && !self.looping {
            return self.sessions.last().map(|session| Position::Ended { session: *session });
        }
        let in_lap_ms = played_ms % self.lap_ms;
        let index = self.elapsed_before_ms.partition_point(|before| *before <= in_lap_ms).checked_sub(1)?;
        let session = *self.sessions.get(index)?;
        let source_ms = session.open_ms + in_lap_ms - self.elapsed_before_ms.get(index)?;
        Some(Position::Playing { session, moment: Moment { lap: lap.unsigned_abs(), source_ms } })
    }

    /// The session after the one that contains `moment`, with its lap.
    pub fn next_session(&self, lap: u64, date: Date) -> Option<(u64, Session)> {
        let after = self.sessions.partition_point(|session| session.date <= date);
        match self.sessions.get(after) {
            Some(session) => Some((lap, *session)),
            None if self.looping => self.sessions.first().map(|session| (lap + 1, *session)),
            None => None,
        }
    }

    /// Wall time at which a moment is played, rounded up. `None` for a moment
    /// outside every session.
    pub fn wall_ms(&self, moment: Moment) -> Option<i64> {
        let index = self.sessions.partition_point(|s| s.open_ms <= moment.source_ms).checked_sub(1)?;
        let session = self.sessions.get(index)?;
        let in_lap_ms = self.elapsed_before_ms.get(index)? + moment.source_ms - session.open_ms;
        let played_ms = moment.lap as f64 * self.lap_ms as f64 + in_lap_ms as f64;
        Some(self.epoch_ms + (played_ms / self.speed).ceil() as i64)
    }

    /// Replayed time per wall time.
    pub fn speed(&self) -> f64 {
        self.speed
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn clock(looping: bool) -> ReplayClock {
        ReplayClock::new(Calendar::Nyse, date(2012, 9, 4), date(2012, 9, 10), 1_000, 60.0, looping).unwrap()
    }

    fn playing(position: Option<Position>) -> (Date, Moment) {
        match position {
            Some(Position::Playing { session, moment }) => (session.date, moment),
            other => panic!("{other:?}"),
        }
    }

    const SESSION_WALL_MS: i64 = 390 * 1_000;

    #[test]
    fn sessions_follow_each_other_without_the_night() {
        let first = Calendar::Nyse.session(date(2012, 9, 4)).unwrap();
        assert_eq!(
            playing(clock(true).position(1_000)),
            (first.date, Moment { lap: 0, source_ms: first.open_ms })
        );
        let (day, moment) = playing(clock(true).position(1_000 + SESSION_WALL_MS));
        assert_eq!(day, date(2012, 9, 5));
        assert_eq!(moment.source_ms, Calendar::Nyse.session(day).unwrap().open_ms);
        // Friday to Monday
        assert_eq!(playing(clock(true).position(1_000 + 4 * SESSION_WALL_MS)).0, date(2012, 9, 10));
    }

    #[test]
    fn a_lap_is_counted_or_the_replay_ends() {
        let after_lap = 1_000 + 5 * SESSION_WALL_MS;
        assert_eq!(playing(clock(true).position(after_lap)).1.lap, 1);
        assert!(matches!(clock(false).position(after_lap), Some(Position::Ended { .. })));
        assert_eq!(clock(false).next_session(0, date(2012, 9, 10)), None);
        assert_eq!(clock(true).next_session(0, date(2012, 9, 10)).unwrap().0, 1);
    }

    #[test]
    fn a_speed_that_is_no_speed_is_refused() {
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let day = date(2012, 9, 4);
            assert!(ReplayClock::new(Calendar::Nyse, day, day, 0, speed, true).is_none());
        }
    }

    proptest! {
        #[test]
        fn a_moment_is_played_at_its_wall_time(offset_ms in 0_i64..100_000_000) {
            let clock = clock(true);
            let (_, moment) = playing(clock.position(1_000 + offset_ms));
            let wall_ms = clock.wall_ms(moment).unwrap();
            prop_assert!((wall_ms - 1_000 - offset_ms).abs() <= 1);
            prop_assert!(playing(clock.position(wall_ms)).1 >= moment);
        }
    }
}
