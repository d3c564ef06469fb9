package io.mitune.diffusion.devices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Each device has its own thing and its own thread. */
class PerDeviceTest {
    private final Set<Thread> closed = ConcurrentHashMap.newKeySet();

    private PerDevice<Thread> threads(Devices where) {
        return PerDevice.load(
                where, device -> Thread.currentThread(), loadedIn -> closed.add(loadedIn));
    }

    @Test
    void devicesAreNamedAsUsersWriteThem() {
        var where =
                new Devices(
                        List.of(Device.gpu(1), Device.cpu(), Device.cpu()), OptionalInt.empty());
        assertEquals("gpu:1", where.name(0));
        assertEquals("cpu:1", where.name(2));
        var none = new ArrayList<Device>();
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new Devices(none, OptionalInt.empty()));
        assertEquals("devices: expected at least 1, found none", e.getMessage());
    }

    @Test
    void whatIsLoadedInAThreadIsUsedThere() {
        Set<Thread> used = ConcurrentHashMap.newKeySet();
        try (var two = threads(Devices.cpus(2, 1))) {
            two.all(
                    loadedIn -> {
                        assertSame(loadedIn, Thread.currentThread());
                        used.add(loadedIn);
                    });
            var second = two.places().get(1);
            assertSame(second.get(), second.run(Thread::currentThread).join());
            assertNotEquals(two.first(), second.get());
        }
        assertEquals(2, used.size());
        assertEquals(used, closed);
    }

    @Test
    void oneDeviceComputesInTheCallersThread() {
        try (var one = threads(Devices.of(Device.cpu()))) {
            assertSame(Thread.currentThread(), one.first());
            one.all(loadedIn -> assertSame(Thread.currentThread(), loadedIn));
        }
    }

    @Test
    void theFirstFailureIsThrownAndWhatWasLoadedIsClosed() {
        var calls = new AtomicInteger();
        var e =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                PerDevice.load(
                                        Devices.cpus(3, 1),
                                        device -> {
                                            if (calls.incrementAndGet() == 2) {
                                                throw new IllegalStateException("no room");
                                            }
                                            return Thread.currentThread();
                                        },
                                        closed::add));
        assertEquals("no room", e.getMessage());
        assertEquals(2, closed.size());
    }
}
