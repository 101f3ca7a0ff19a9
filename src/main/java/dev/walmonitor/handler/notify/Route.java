package dev.walmonitor.handler.notify;

import dev.walmonitor.sink.Channel;
import dev.walmonitor.sink.Reach;
import dev.walmonitor.sink.Recipient;
import java.util.ArrayList;
import java.util.List;

/**
 * By which of a rule's channels somebody is told: the first one that knows an account of theirs;
 * where none does, all that others read too. Records of all messages are added to that.
 *
 * @param channels none if there is no way
 * @param why there is none, or empty
 */
record Route(List<Channel> channels, String why) {

    Route {
        channels = List.copyOf(channels);
    }

    static Route of(List<Channel> all, Recipient to) {
        List<Channel> rooms = new ArrayList<>();
        List<Channel> always = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        Channel account = null;
        for (Channel channel : all) {
            switch (channel.reach(to)) {
                case Reach.Account own -> account = account == null ? channel : account;
                case Reach.Room room -> rooms.add(channel);
                case Reach.Always record -> always.add(channel);
                case Reach.Nowhere nowhere -> reasons.add(nowhere.why());
            }
        }
        Channel best = account;
        List<Channel> used =
                all.stream()
                        .filter(channel ->
                                always.contains(channel)
                                        || (best == null
                                                ? rooms.contains(channel)
                                                : channel == best))
                        .toList();
        return new Route(used, used.isEmpty() ? String.join(", ", reasons) : "");
    }
}
