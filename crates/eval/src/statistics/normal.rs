//! The normal distribution.

/// The probability of a value below `x`. Hart's rational approximation as given by West (2005);
/// absolute error below 1e-15.
pub(crate) fn cdf(x: f64) -> f64 {
    let z = x.abs();
    if z > 37.0 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let density = (-z * z / 2.0).exp();
    let tail = if z < 7.071_067_811_865_47 {
        const UP: [f64; 7] = [
            3.526_249_659_989_11e-2,
            0.700_383_064_443_688,
            6.373_962_203_531_65,
            33.912_866_078_383,
            112.079_291_497_871,
            221.213_596_169_931,
            220.206_867_912_376,
        ];
        const DOWN: [f64; 8] = [
            8.838_834_764_831_84e-2,
            1.755_667_163_182_64,
            16.064_177_579_207,
            86.780_732_202_946_1,
            296.564_248_779_674,
            637.333_633_378_831,
            793.826_512_519_948,
            440.413_735_824_752,
        ];
        density * polynomial(&UP, z) / polynomial(&DOWN, z)
    } else {
        let fraction = z + 1.0 / (z + 2.0 / (z + 3.0 / (z + 4.0 / (z + 0.65))));
        density / fraction / 2.506_628_274_631
    };
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// The value below which a share `p` of the distribution lies, 0 < p < 1. Wichura's AS 241
/// (PPND16); relative error about 1e-16.
pub(crate) fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        const UP: [f64; 8] = [
            2_509.080_928_730_122_7,
            33_430.575_583_588_13,
            67_265.770_927_008_7,
            45_921.953_931_549_87,
            13_731.693_765_509_46,
            1_971.590_950_306_551_4,
            133.141_667_891_784_38,
            3.387_132_872_796_366_5,
        ];
        const DOWN: [f64; 8] = [
            5_226.495_278_852_854,
            28_729.085_735_721_943,
            39_307.895_800_092_71,
            21_213.794_301_586_597,
            5_394.196_021_424_751,
            687.187_007_492_057_9,
            42.313_330_701_600_91,
            1.0,
        ];
        let r = 0.180_625 - q * q;
        return q * polynomial(&UP, r) / polynomial(&DOWN, r);
    }
    let r = (-(if q < 0.0 { p } else { 1.0 - p }).ln()).sqrt();
    let value = if r <= 5.0 {
        const UP: [f64; 8] = [
            7.745_450_142_783_414e-4,
            0.022_723_844_989_269_184,
            0.241_780_725_177_450_6,
            1.270_458_252_452_368_4,
            3.647_848_324_763_204_5,
            5.769_497_221_460_691,
            4.630_337_846_156_546,
            1.423_437_110_749_683_5,
        ];
        const DOWN: [f64; 8] = [
            1.050_750_071_644_416_9e-9,
            5.475_938_084_995_345e-4,
            0.015_198_666_563_616_457,
            0.148_103_976_427_480_08,
            0.689_767_334_985_1,
            1.676_384_830_183_803_8,
            2.053_191_626_637_759,
            1.0,
        ];
        polynomial(&UP, r - 1.6) / polynomial(&DOWN, r - 1.6)
    } else {
        const UP: [f64; 8] = [
            2.010_334_399_292_288_1e-7,
            2.711_555_568_743_487_6e-5,
            0.001_242_660_947_388_078_4,
            0.026_532_189_526_576_124,
            0.296_560_571_828_504_87,
            1.784_826_539_917_291_3,
            5.463_784_911_164_114,
            6.657_904_643_501_103,
        ];
        const DOWN: [f64; 8] = [
            2.044_263_103_389_939_8e-15,
            1.421_511_758_316_446e-7,
            1.846_318_317_510_054_8e-5,
            7.868_691_311_456_133e-4,
            0.014_875_361_290_850_615,
            0.136_929_880_922_735_8,
            0.599_832_206_555_888,
            1.0,
        ];
        polynomial(&UP, r - 5.0) / polynomial(&DOWN, r - 5.0)
    };
    if q < 0.0 { -value } else { value }
}

/// Coefficients from the highest power down.
fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // Tables of the standard normal distribution.
        for (x, p) in [(0.0, 0.5), (1.0, 0.841_344_746_068_543), (1.959_963_984_540_054, 0.975)] {
            assert!((cdf(x) - p).abs() < 1e-14, "{x}");
            assert!((cdf(-x) - (1.0 - p)).abs() < 1e-14, "-{x}");
            assert!((quantile(p) - x).abs() < 1e-12, "{p}");
        }
    }

    #[test]
    fn each_is_the_inverse_of_the_other() {
        for step in 1..2000 {
            let p = f64::from(step) / 2000.0;
            assert!((cdf(quantile(p)) - p).abs() < 1e-13, "{p}");
        }
        for exponent in 1..60 {
            let p = 10f64.powi(-exponent);
            assert!((cdf(quantile(p)) / p - 1.0).abs() < 1e-6, "{p}");
        }
    }
}
