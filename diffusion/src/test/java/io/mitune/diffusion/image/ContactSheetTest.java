package io.mitune.diffusion.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mitune.diffusion.image.ContactSheet.Cell;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContactSheetTest {
    private static final RgbImage SMALL = PngTest.picture(20, 10);
    private static final RgbImage LARGE = PngTest.picture(30, 30);

    @Test
    void picturesAndLabelsAreInTheirPlaces() {
        var page =
                ContactSheet.draw(
                        List.of(new Cell(LARGE, "a"), new Cell(SMALL, "2nd"), new Cell(LARGE, "")),
                        2);
        assertEquals(6 + 2 * 42, page.width());
        assertEquals(6 + 2 * 56, page.height());
        for (int channel = 0; channel < 3; channel++) {
            assertEquals(LARGE.value(4, 7, channel), page.value(9 + 4, 9 + 7, channel));
            assertEquals(SMALL.value(0, 9, channel), page.value(9 + 42 + 5, 9 + 10 + 9, channel));
            assertEquals(LARGE.value(29, 29, channel), page.value(9 + 29, 9 + 56 + 29, channel));
            assertEquals(255, page.value(0, 0, channel));
        }
        assertEquals(255, page.value(9 + 42 + 4, 9 + 10, 0));
        assertEquals(" ##|   #| ###|#  #| ####", letter(page, 9, 45 + 2));
    }

    /** Ink of the five rows of a small letter. */
    private static String letter(RgbImage page, int left, int top) {
        var rows = new StringBuilder();
        for (int y = top; y < top + 5; y++) {
            var row = new StringBuilder();
            for (int x = left; x < left + 5; x++) {
                row.append(page.value(x, y, 0) < 128 ? '#' : ' ');
            }
            rows.append(rows.isEmpty() ? "" : "|").append(row.toString().stripTrailing());
        }
        return rows.toString();
    }

    @Test
    void longLabelsTakeTwoLinesAndAreCutThen() {
        assertEquals(List.of(), ContactSheet.lines("", 9));
        assertEquals(List.of("a red cat"), ContactSheet.lines("a red cat", 9));
        assertEquals(List.of("a red", "circle"), ContactSheet.lines("a red circle", 9));
        assertEquals(List.of("a red cat", "and dog"), ContactSheet.lines("a red cat and dog", 9));
        assertEquals(List.of("a red", "circle..."), ContactSheet.lines("a red circle and dog", 9));
        assertEquals(List.of("12345678", "90"), ContactSheet.lines("1234567890", 8));
        assertEquals(List.of("12", ".."), ContactSheet.lines("1234567890", 2));
    }

    /** A label stays below its picture; letters outside ASCII show as a question mark. */
    @Test
    void longLabelsStayInTheirCell() {
        var plain =
                ContactSheet.draw(List.of(new Cell(LARGE, "12345 67..."), new Cell(LARGE, "")), 2);
        assertEquals(6 + 56 + 9, plain.height(), "a second line");
        var longer = new Cell(LARGE, "12345 67890 and more");
        assertEquals(plain, ContactSheet.draw(List.of(longer, new Cell(LARGE, "")), 2));
        assertEquals(
                ContactSheet.draw(List.of(new Cell(LARGE, "?")), 1),
                ContactSheet.draw(List.of(new Cell(LARGE, "\u732b")), 1));
    }

    @Test
    void withoutLabelsThereIsNoRoomForThem() {
        assertEquals(48, ContactSheet.draw(List.of(new Cell(LARGE, "")), 5).height());
    }

    @Test
    void picturesAreReducedUntilThePageCanBeReadAgain() {
        var picture = new RgbImage(1024, 768, new byte[3 * 1024 * 768]);
        assertEquals(1, ContactSheet.reduction(picture, 16, 4));
        assertEquals(4, ContactSheet.reduction(picture, 240, 10));
        var cell = new Cell(picture.reduced(4), "a red circle and a blue square ".repeat(9));
        var page = ContactSheet.draw(Collections.nCopies(240, cell), 10);
        assertEquals(page, Png.decode(Png.encode(page, Map.of())).image());
    }

    @Test
    void aReducedPictureIsTheMeanOfItsSquares() {
        byte[] pixels = new byte[3 * 5 * 2];
        pixels[0] = (byte) 250; // red of the four on the left: 250, 10, 20, 30
        pixels[3] = 10;
        pixels[15] = 20;
        pixels[18] = 30;
        var reduced = new RgbImage(5, 2, pixels).reduced(2);
        assertEquals(2, reduced.width());
        assertEquals(1, reduced.height());
        assertEquals(78, reduced.value(0, 0, 0));
        assertEquals(0, reduced.value(0, 0, 1));
        assertEquals(0, reduced.value(1, 0, 0));
    }

    @Test
    void refusesNothingAndTooMuch() {
        assertThrows(IllegalArgumentException.class, () -> ContactSheet.draw(List.of(), 3));
        var cell = List.of(new Cell(LARGE, ""));
        assertThrows(IllegalArgumentException.class, () -> ContactSheet.draw(cell, 0));
        var many = Collections.nCopies(600, cell.get(0));
        var error = assertThrows(IllegalArgumentException.class, () -> ContactSheet.draw(many, 1));
        assertEquals(
                "contact sheet: expected at most 16384 pixels a side, found 25206",
                error.getMessage());
    }
}
