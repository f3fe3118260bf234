//! The values of headers, as ours reads them: what is malformed counts as absent.

/// Digits only, at most 10; else 0.
pub fn whole(value: &[u8]) -> f64 {
    if value.len() > 10 || !value.iter().all(u8::is_ascii_digit) {
        return 0.0;
    }
    value
        .iter()
        .fold(0.0, |sum, digit| sum * 10.0 + f64::from(digit - b'0'))
}

/// gRPC over HTTP/2: digits and one of the units H M S m u n.
pub fn grpc_timeout_ms(value: &[u8]) -> f64 {
    let Some((unit, digits)) = value.split_last() else {
        return 0.0;
    };
    let unit_ms = match unit {
        b'H' => 3_600_000.0,
        b'M' => 60_000.0,
        b'S' => 1_000.0,
        b'm' => 1.0,
        b'u' => 0.001,
        b'n' => 0.000_001,
        _ => 0.0,
    };
    whole(digits) * unit_ms
}

/// FNV-1a of the last 64 bytes.
pub fn hash(value: &[u8]) -> i32 {
    let start = value.len().saturating_sub(64);
    value[start..]
        .iter()
        .fold(-2_128_831_035, |hash: i32, byte| {
            (hash ^ i32::from(*byte)).wrapping_mul(16_777_619)
        })
}

/// 0..63.
pub fn cohort(hash: i32) -> u32 {
    let folded = hash ^ ((hash as u32) >> 16) as i32;
    (folded.wrapping_mul(73_244_475) as u32) >> 26
}

/// `critical;17` in its two halves.
pub fn stamp(value: &[u8]) -> Option<(&[u8], u32)> {
    let at = value.iter().rposition(|byte| *byte == b';')?;
    let digits = &value[at + 1..];
    let is_one = digits.len() == 1 || (digits.len() == 2 && digits[0] != b'0');
    if !is_one || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let cohort = whole(digits) as u32;
    (cohort < 64).then_some((&value[..at], cohort))
}
