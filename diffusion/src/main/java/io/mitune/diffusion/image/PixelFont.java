package io.mitune.diffusion.image;

/**
 * Letters of 5 x 8 pixels for labels, so that a contact sheet looks the same on every machine; a
 * Java runtime in a container often has no fonts. Printable ASCII; anything else shows as a
 * question mark.
 */
final class PixelFont {
    /** Width of a letter with the gap after it. */
    static final int ADVANCE = 6;

    /** Height of a letter, descenders included. */
    static final int HEIGHT = 8;

    private static final int COLUMNS = 5;

    /** Five columns a letter, two hexadecimal digits a column, the top pixel in the lowest bit. */
    private static final String LETTERS =
            "000000000000005F00000007000700147F147F14242A7F2A12"
                    + "231308646236495620500004030000001C2241000041221C00"
                    + "2A1C7F1C2A08083E0808008060300008080808080000606000"
                    + "20100804023E5149453E00427F400062514949462141494D33"
                    + "1814127F1027454545393C4A49493141211109073649494936"
                    + "464949291E0000140000000040340000081422411414141414"
                    + "004122140802015909063E415D594E7C1211127C7F49494936"
                    + "3E414141227F4141413E7F494949417F090909013E41415173"
                    + "7F0808087F00417F41002040413F017F081422417F40404040"
                    + "7F021C027F7F0408107F3E4141413E7F090909063E4151215E"
                    + "7F09192946264949493201017F01013F4040403F1F2040201F"
                    + "3F4038403F631408146303047804036151494543007F414100"
                    + "02040810200041417F00040201020440404040400001020400"
                    + "20545478407F484444383844444428384444487F3854545418"
                    + "00087E090218A4A49C787F0804047800447D40002040403D00"
                    + "7F1028440000417F40007C047804787C080404783844444438"
                    + "FC1824241818242418FC7C08040408485454542404043F4424"
                    + "3C4040207C1C2040201C3C4030403C44281028444C9090907C"
                    + "4464544C440008364100000077000000413608000201020402";

    private PixelFont() {}

    /** Whether a letter has ink at this place. */
    static boolean ink(char letter, int x, int y) {
        if (x >= COLUMNS) {
            return false;
        }
        int index = letter >= ' ' && letter <= '~' ? letter - ' ' : '?' - ' ';
        int at = (index * COLUMNS + x) * 2;
        int column = Integer.parseInt(LETTERS.substring(at, at + 2), 16);
        return (column >> y & 1) == 1;
    }
}
