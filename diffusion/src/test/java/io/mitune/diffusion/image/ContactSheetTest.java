package io.mitune.diffusion.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mitune.diffusion.image.ContactSheet.Cell;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContactSheetTest {
    private static final RgbImage SMALL = PngTest.picture(20, 10);
    private static final RgbImage LARGE = PngTest.picture(30, 30);

    @Test
    void picturesAndLabelsAreInTheirPlaces() {
        var page =
                ContactSheet.draw(
                        List.of(
                                new Cell(LARGE, "a"),
                                new Cell(SMALL, "second"),
                                new Cell(LARGE, "")),
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

    /** A label is cut to its picture; letters outside ASCII show as a question mark. */
    @Test
    void longLabelsStayInTheirCell() {
        var plain = ContactSheet.draw(List.of(new Cell(LARGE, "12345"), new Cell(LARGE, "")), 2);
        var longer = new Cell(LARGE, "123456789 and more");
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
