package dev.walmonitor.source.postgres.spill;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.util.Arrays;

/**
 * Where each sub-transaction of one transaction begins in its file. Owned by the event loop.
 *
 * <p>Sub-transactions are nested and what they do is sent in the order of the log: whatever stands
 * behind the beginning of one that is rolled back was done by itself or by one within it. So to
 * roll back is to cut there; a few dozen bytes are kept for each that was not.
 */
final class SubTransactions {
    private final IntObjectMap<Long> begins = new IntObjectHashMap<>();
    private int[] order = new int[8];
    private int count;
    private int last;

    /** A record of the sub-transaction is about to be written at {@code position}. */
    void seen(int subXid, long position) {
        if (subXid == last && count > 0) {
            return;
        }
        last = subXid;
        if (begins.putIfAbsent(subXid, position) == null) {
            if (count == order.length) {
                order = Arrays.copyOf(order, 2 * count);
            }
            order[count++] = subXid;
        }
    }

    /**
     * Forgets the sub-transaction and all that began after it.
     *
     * @param length of the file
     * @return how much of the file remains: all of it if nothing of the sub-transaction is in it
     */
    long rolledBack(int subXid, long length) {
        Long begin = begins.get(subXid);
        if (begin == null) {
            return length;
        }
        int gone;
        do {
            gone = order[--count];
            begins.remove(gone);
        } while (gone != subXid);
        last = count == 0 ? 0 : order[count - 1];
        return begin;
    }
}
