package io.mitune.diffusion.adapter;

/** IEEE 754 half precision to single; the JDK's own conversion is younger than our target level. */
final class HalfFloat {
    private HalfFloat() {}

    static float toFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >> 10 & 0x1f;
        int fraction = half & 0x3ff;
        if (exponent == 0) { // zero and subnormals: fraction * 2^-24
            var magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int bits = exponent == 31 ? 0x7f800000 : exponent + 112 << 23;
        return Float.intBitsToFloat(sign | bits | fraction << 13);
    }
}
