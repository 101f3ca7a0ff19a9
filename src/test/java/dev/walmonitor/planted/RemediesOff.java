package dev.walmonitor.planted;

import java.util.List;

/** The remedies of the source, by the rows of the fault catalogue, and how each is switched off. */
final class RemediesOff {
    private static final String STREAM = "source.postgres.replication.";
    private static final String PLUGIN = "source.postgres.pgoutput.";
    private static final String WIRE = "source.postgres.wire.";

    static final List<RemedyOff> ALL =
            List.of(
                    new RemedyOff(
                            "F01",
                            "what is stored is not where a stream goes on",
                            STREAM + "Resumption",
                            "return new Go(known.position(), log, null);",
                            "return new Go(confirmed, log, null);",
                            STREAM
                                    + "RecoveryTest#f01_aServerThatForgotWhatItWasToldDoesNotRepeatWhatIsStored"),
                    new RemedyOff(
                            "F02",
                            "a stream that broke is not begun again soon",
                            STREAM + "Remedies",
                            "case \"57P01\", \"57P02\", \"57P03\", \"53300\", \"55P03\", \"57014\" -> soon(code, sentence);",
                            "case \"57P01\" -> slowly(code, sentence, null);",
                            STREAM
                                    + "PostgresSourceTest#f02_aTerminatedWalsenderIsReplacedWithinSecondsAndNothingComesTwice"),
                    new RemedyOff(
                            "F03",
                            "a server that shuts down is held up",
                            STREAM + "ReplicationSession",
                            "timers.after(PATIENCE_AT_SHUTDOWN, this::close);",
                            "",
                            STREAM
                                    + "PostgresSourceTest#f03_aServerThatShutsDownIsNotHeldUpByWhatIsNotConfirmed"),
                    new RemedyOff(
                            "F04",
                            "an end without CopyDone is a violation",
                            WIRE + "CopyPhase",
                            "case CommandComplete _ when state != State.ASKED -> end(null);",
                            "case CommandComplete _ when state == State.OVER -> end(null);",
                            WIRE + "CopyTest#f04_aServerThatShutsDownEndsTheCopyInGoodOrder"),
                    new RemedyOff(
                                    "F05",
                                    "a slot that is held is a failure",
                                    STREAM + "Slot",
                                    "if (isTrue(found, \"active\")) {",
                                    "if (isTrue(found, \"two_phase\")) {",
                                    STREAM
                                            + "PostgresSourceTest#f05_aSecondInstanceStandsByAndTakesOver")
                            .and(STREAM + "Remedies", "case \"55006\" ->", "case \"none\" ->"),
                    new RemedyOff(
                            "F06",
                            "a silent connection is never given up",
                            STREAM + "Silence",
                            "return nowNanos - heardNanos >= limit.toNanos();",
                            "return false;",
                            STREAM
                                    + "SilentNetworkTest#f06_aBlackHoleIsNoticedWithinTheTimeoutAndLeftWhenItIsGone"),
                    new RemedyOff(
                            "F07",
                            "a frozen server is waited for",
                            STREAM + "Lookout",
                            "return Verdict.GIVE_UP;",
                            "return Verdict.ASK;",
                            STREAM
                                    + "SilentNetworkTest#f07_aWalsenderThatIsFrozenIsLeftAndWhenItGoesOnNothingIsLostAndNothingComesTwice"),
                    new RemedyOff(
                            "F08",
                            "a transaction that broke off stays open",
                            "pipeline.Pipeline",
                            "watermark.abandon(open);",
                            "",
                            "pipeline.PipelineTest#f08_aTransactionThatBrokeOffComesAgainWholeAndIsDoneOnce"),
                    new RemedyOff(
                            "F09",
                            "a message that spans reads is put together without its header",
                            WIRE + "FrameCutter",
                            "at = fill(HEADER + length, in, at);",
                            "at = fill(length, in, at);",
                            WIRE + "FrameCutterTest#f09_anySplitInTwoOrThreeGivesTheSameMessages"),
                    new RemedyOff(
                            "F10",
                            "a wrong password is tried again and again",
                            STREAM + "Remedies",
                            "case \"28P01\" ->",
                            "case \"28P01\" -> soon(code, sentence);\ncase \"none\" ->",
                            "source.postgres.RotatedPasswordTest#f10_aPasswordThatIsWrongIsSaidWithoutIt"),
                    new RemedyOff(
                            "F11",
                            "a refusal by pg_hba.conf is not explained",
                            WIRE + "FirstRunAdvice",
                            "error.sqlState().equals(\"28000\")",
                            "error.sqlState().equals(\"none\")",
                            WIRE + "ConnectTest#f11_aLineForReplicationOnlyIsExplained"),
                    new RemedyOff(
                            "F12",
                            "a server without a free slot is stormed",
                            STREAM + "Remedies",
                            "case \"53400\" ->",
                            "case \"none\" ->",
                            STREAM + "OddServersTest#f12_whenAllSlotsAreTakenTheOperatorIsTold"),
                    new RemedyOff(
                            "F13",
                            "a certificate for any host will do",
                            WIRE + "Dialer",
                            "tls.verifiesHost() ? \"HTTPS\" : \"\"",
                            "\"\"",
                            WIRE + "TlsTest#f13_aCertificateForAnotherHostIsRefused"),
                    new RemedyOff(
                            "F13",
                            "nobody's certificate will do",
                            WIRE + "Dialer",
                            ".setTrustAll(!tls.verifiesChain())",
                            ".setTrustAll(true)",
                            WIRE + "TlsTest#f13_aCertificateThatNobodyTrustsIsRefused"),
                    new RemedyOff(
                            "F13",
                            "a server without TLS is good enough",
                            WIRE + "TlsNegotiation",
                            "} else if (options.tls().mayFallBack()) {",
                            "} else if (options.tls().wanted()) {",
                            WIRE + "TlsTest#f13_aServerWithoutTlsIsRefusedWhereTlsIsRequired"),
                    new RemedyOff(
                            "F14",
                            "bytes before the handshake are dropped without a word",
                            WIRE + "TlsNegotiation",
                            "if (answered || (in.getByte(in.readerIndex()) == 'S' && in.readableBytes() > 1)) {",
                            "if (answered) {",
                            WIRE + "TlsTest#f14_bytesThatComeWithTheAnswerAreAnAttack"),
                    new RemedyOff(
                            "F15",
                            "any number of iterations is computed",
                            WIRE + "ScramExchange",
                            "|| rounds > policy.maxScramIterations()",
                            "",
                            WIRE + "AuthenticatorTest#f15_iterationsAreBoundedBeforeAnyIsDone"),
                    new RemedyOff(
                            "F15",
                            "a server that asks for nothing is believed",
                            WIRE + "Authenticator",
                            "case ASKED_NOTHING -> checkUnasked();",
                            "case ASKED_NOTHING -> {}",
                            WIRE
                                    + "AuthenticatorTest#f15_aServerThatDoesNotAskForTheConfiguredPasswordIsRefused"),
                    new RemedyOff(
                            "F15",
                            "the server's signature is not looked at",
                            WIRE + "Authenticator",
                            "scram().verify(last.data());",
                            "",
                            WIRE
                                    + "AuthenticatorTest#f15_aServerWithoutTheRightSignatureIsRefused"),
                    new RemedyOff(
                            "F16",
                            "only the first address is tried",
                            WIRE + "Dialer",
                            "return dial(others);",
                            "return dial(List.of());",
                            WIRE + "ConnectTest#f16_everyAddressOfANameIsTriedWithinTheDeadline"),
                    new RemedyOff(
                            "F17",
                            "a pooler is not recognized",
                            WIRE + "FirstRunAdvice",
                            "error.sqlState().equals(\"08P01\")",
                            "error.sqlState().equals(\"none\")",
                            WIRE + "ConnectTest#f17_aPoolerInTheWayIsExplained"),
                    new RemedyOff(
                                    "F18",
                                    "credentials are asked for once",
                                    WIRE + "Connector",
                                    ".compose(_ -> options.credentials().get())",
                                    ".compose(_ -> ONCE.computeIfAbsent(options.address(), a -> options.credentials().get()))",
                                    WIRE
                                            + "ConnectTest#f18_connectsByScramAndAsksForTheCredentialsAtEveryConnect")
                            .and(
                                    "private final ContextInternal context;",
                                    "private static final java.util.Map<String, Future<Credentials>> ONCE ="
                                            + " new java.util.concurrent.ConcurrentHashMap<>();\n"
                                            + "private final ContextInternal context;"),
                    new RemedyOff(
                            "F19",
                            "a slot that is gone is made anew unasked",
                            STREAM + "Resumption",
                            "case SlotSeen.Missing missing -> {\n                if (!now.mayRebuild()) {",
                            "case SlotSeen.Missing missing -> {\n                if (now.known() == null) {",
                            STREAM
                                    + "RecoveryTest#f19_aPromotedServerWithoutTheSlotSaysSoAndIsFollowedWithAGap"),
                    new RemedyOff(
                            "F20",
                            "a promotion undoes nothing",
                            STREAM + "Resumption",
                            "return branch != null && !known.position().isAfter(branch)",
                            "return branch != null",
                            STREAM
                                    + "ResumptionTest#f20_whatAFailOverHasUndoneIsToldAndTheSlotGoesOnFromItsOwnPlace"),
                    new RemedyOff(
                            "F21",
                            "another cluster is followed",
                            STREAM + "Resumption",
                            "if (!log.system().equals(server.systemId())) {",
                            "if (log.system().isEmpty()) {",
                            STREAM + "RecoveryTest#f21_anotherClusterAndAnOlderStateAreRefused"),
                    new RemedyOff(
                            "F21",
                            "an older state is followed",
                            STREAM + "Resumption",
                            "&& known.position().isAfter(server.end())",
                            "&& server.end() == null",
                            STREAM + "RecoveryTest#f21_anotherClusterAndAnOlderStateAreRefused"),
                    new RemedyOff(
                            "F22",
                            "while the gate is shut the server hears nothing",
                            STREAM + "ReplicationSession",
                            "if (status.isDue(System.nanoTime())) {",
                            "if (!intake.isPaused() && status.isDue(System.nanoTime())) {",
                            "pipeline.BackPressureTest#f22_f23_aHandlerThatSleepsCostsNoConnectionAndNoChange"),
                    new RemedyOff(
                            "F23",
                            "reading goes on without demand",
                            STREAM + "Outlet",
                            "intake.pause(Intake.Reason.NO_DEMAND);",
                            "",
                            STREAM
                                    + "PostgresSourceTest#f23_withoutDemandTheSocketIsPausedAndTheConnectionLivesOn"),
                    new RemedyOff(
                            "F24",
                            "a keepalive within a transaction may be confirmed",
                            STREAM + "TransactionAssembler",
                            "if (begin != null) {",
                            "if (begin == null && transaction != null) {",
                            STREAM
                                    + "TransactionAssemblerTest#f24_keepaliveInsideATransactionIsNeverAckedPastItsCommit"),
                    new RemedyOff(
                            "F25",
                            "a keepalive overtakes work",
                            "pipeline.Watermark",
                            "for (Unit head = first; head != null && head.isDone(); head = first) {",
                            "for (Unit head = first; head != null && head.end != null; head = first) {",
                            "pipeline.PipelineTest#f25_progressBehindUnfinishedWorkWaitsForIt"),
                    new RemedyOff(
                            "F26",
                            "what was confirmed may be taken back",
                            STREAM + "Acknowledgement",
                            "if (!position.isAfter(flushed)) {",
                            "if (position.equals(flushed)) {",
                            STREAM + "AcknowledgementTest#f26_neverGoesBack"),
                    new RemedyOff(
                            "F27",
                            "what is done counts whatever is before it",
                            "pipeline.Watermark",
                            "for (Unit head = first; head != null && head.isDone(); head = first) {",
                            "for (Unit head = first; head != null && head.end != null; head = first) {",
                            "pipeline.PipelineTest#f27_transactionsThatAreDoneOutOfOrderAreConfirmedInOrder"),
                    new RemedyOff(
                            "F28",
                            "the source is told before the position is stored",
                            "pipeline.Confirmer",
                            "storing = true;",
                            "storing = true; source.confirm(checkpoint.watermark());",
                            "pipeline.FailpointTest#f28_whateverStepAProcessDiesAtNothingIsLostAndOnlyWhatIsNotStoredComesAgain"),
                    new RemedyOff(
                            "F29",
                            "a graceful stop confirms nothing",
                            "pipeline.Pipeline",
                            ".chain(() -> confirmer.close(eighth))",
                            "",
                            "pipeline.DrainTest#f29_whatWasTakenInIsDoneAndConfirmedBeforeTheSourceIsClosed"),
                    new RemedyOff(
                            "F30",
                            "a transaction is confirmed by its commit",
                            STREAM + "TransactionAssembler",
                            "events.add(new ChangeEvent.Commit(transaction, message.end()));",
                            "events.add(new ChangeEvent.Commit(transaction, message.commit()));",
                            STREAM
                                    + "TransactionAssemblerTest#f30_f33_aTransactionIsToldWithItsChangesNumberedFromZeroAndConfirmedByItsEnd"),
                    new RemedyOff(
                            "F31",
                            "any position is told to the server",
                            STREAM + "Acknowledgement",
                            "if (position.isAfter(confirmable)) {",
                            "if (position.isAfter(confirmable) && flushed == null) {",
                            STREAM
                                    + "AcknowledgementTest#f31_refusesAPositionThatWasNeverDelivered"),
                    new RemedyOff(
                            "F32",
                            "a stream goes on at the present end of the log",
                            STREAM + "Resumption",
                            "return new Go(known.position(), log, null);",
                            "return new Go(now.server().end(), log, null);",
                            STREAM
                                    + "OddServersTest#f32_transactionsThatInterleaveAcrossAStopAreToldOnceEach"),
                    new RemedyOff(
                            "F33",
                            "changes are not counted",
                            STREAM + "TransactionAssembler",
                            "events.add(new RowChange.Insert(open(), ordinal++, message.row()));",
                            "events.add(new RowChange.Insert(open(), ordinal, message.row()));",
                            STREAM
                                    + "TransactionAssemblerTest#f30_f33_aTransactionIsToldWithItsChangesNumberedFromZeroAndConfirmedByItsEnd"),
                    new RemedyOff(
                            "F38",
                            "keepalives are no progress",
                            STREAM + "TransactionAssembler",
                            "progress(end);\n        hurry |= replyRequested;",
                            "hurry |= replyRequested;",
                            STREAM
                                    + "PostgresSourceTest#f38_anIdlePublishedTableDoesNotHoldTheSlotBack"),
                    new RemedyOff(
                            "F39",
                            "nobody looks at how much log is kept",
                            STREAM + "SlotGauges",
                            "safe == null ? null : Long.valueOf(safe),",
                            "null,",
                            STREAM + "OddServersTest#f39_howMuchMoreLogTheSlotMayHoldIsMeasured"),
                    new RemedyOff(
                            "F40",
                            "a slot that was given up is taken for good",
                            STREAM + "Slot",
                            "if (reason != null || \"lost\".equals(found.value(0, \"wal_status\"))) {",
                            "if (\"none\".equals(reason)) {",
                            STREAM
                                    + "RecoveryTest#f40_aSlotThatWasGivenUpMeanwhileWaitsForAnOperator"),
                    new RemedyOff(
                            "F41",
                            "the setting is not named",
                            STREAM + "Remedies",
                            "case \"idle_timeout\" ->",
                            "case \"none\" ->",
                            STREAM
                                    + "RecoveryTest#f41_aSlotThatNobodyReadFromForTooLongNamesTheSetting"),
                    new RemedyOff(
                            "F42",
                            "a slot that moved on without us is followed",
                            STREAM + "Resumption",
                            "if (confirmed.isAfter(known.position())) {",
                            "if (confirmed.isAfter(now.server().end())) {",
                            STREAM + "RecoveryTest#f42_aSlotThatWasMadeAnewByOthersIsAGap"),
                    new RemedyOff(
                            "F43",
                            "wal_level is not looked at",
                            STREAM + "Server",
                            "if (!Catalogue.text(row, 1).equals(\"logical\")) {",
                            "if (Catalogue.text(row, 1).isEmpty()) {",
                            STREAM
                                    + "OddServersTest#f43_aServerWhoseLogHoldsNoRowChangesIsSaidWithTheStatementThatMendsIt"),
                    new RemedyOff(
                            "F44",
                            "a slot that waits says nothing",
                            STREAM + "Patience",
                            "timers.after(BEFORE_TELLING, () -> tellOfCreation(connection));\n    }\n\n    void end",
                            "}\n\n    void end",
                            STREAM
                                    + "OddServersTest#f44_aSlotThatWaitsForATransactionNamesTheBackendThatHoldsItUp"),
                    new RemedyOff(
                            "F45",
                            "one figure for what is not confirmed and what is kept",
                            STREAM + "SlotGauges",
                            "+ \", restart_lsn), 0)::int8, active",
                            "+ \", confirmed_flush_lsn), 0)::int8, active",
                            STREAM
                                    + "OddServersTest#f45_aTransactionThatIsLeftOpenHoldsTheLogAndNotOurLag"),
                    new RemedyOff(
                            "F46",
                            "an abort that was not asked for is unknown",
                            PLUGIN + "PgOutputDecoder",
                            "case 'A' -> transactions.streamAbort();",
                            "",
                            PLUGIN
                                    + "TransactionMessagesTest#f46_streamAbortOfAnUnknownTransactionIsDecodedInProtocol1Too"),
                    new RemedyOff(
                            "F47",
                            "bytes behind a message do not matter",
                            PLUGIN + "PgOutputDecoder",
                            "};\n        in.end();\n        return message;",
                            "};\n        return message;",
                            PLUGIN + "MalformedMessagesTest#f47_messageWithMoreBehindItIsRefused"),
                    new RemedyOff(
                            "F47",
                            "a position is believed that is said otherwise elsewhere",
                            PLUGIN + "ConfirmablePlace",
                            "if (said != sent) {",
                            "if (said < 0) {",
                            STREAM
                                    + "DamagedNetworkTest#f47_aCommitWhoseEndWasDamagedIsNotConfirmed"),
                    new RemedyOff(
                            "F47",
                            "a length is believed",
                            WIRE + "FrameCutter",
                            "if (length < 4 || length - 4 > maxFrameBytes) {",
                            "if (length < 4) {",
                            WIRE
                                    + "FrameCutterTest#f47_aLengthOutsideTheBoundsIsRefusedBeforeAnythingIsAllocated"),
                    new RemedyOff(
                            "F48",
                            "a setting that changes within the stream is a violation",
                            WIRE + "CopyPhase",
                            "case ParameterStatus _ -> {}",
                            "case ParameterStatus _ -> throw unexpected(message);",
                            WIRE + "CopyTest#f48_messagesOfOtherKindsWithinTheCopyDoNotDisturbIt"),
                    new RemedyOff(
                            "F49",
                            "a rollback to a savepoint is not carried out",
                            "source.postgres.spill.SubTransactions",
                            "return begin;",
                            "return length;",
                            STREAM + "StreamingTest#f49_whatASavepointRolledBackIsNotTold"),
                    new RemedyOff(
                                    "F50",
                                    "a transaction is kept until its commit",
                                    STREAM + "Outlet",
                                    "if (!assembler.hasNews()) {",
                                    "if (!assembler.hasNews() || assembler.isOpen()) {",
                                    "pipeline.HugeTransactionTest#f50_passesThroughASmallHeap")
                            .and(
                                    STREAM + "TransactionAssembler",
                                    "/** Whether there is anything to take. */",
                                    "boolean isOpen() { return begin != null; }\n"),
                    new RemedyOff(
                            "F51",
                            "the end of what was prepared before needs its beginning",
                            PLUGIN + "TransactionMessages",
                            "CommitPrepared commitPrepared() {\n        outside();",
                            "CommitPrepared commitPrepared() {\n        require(Open.PREPARED);",
                            PLUGIN
                                    + "TransactionMessagesTest#f51_preparedTransactionThatWasNeverSeenIsFinishedAllTheSame"),
                    new RemedyOff(
                            "F52",
                            "every database is asked for UTF-8",
                            STREAM + "StreamStart",
                            "return server.isWithoutEncoding()",
                            "return server.isStandby()",
                            STREAM
                                    + "OddServersTest#f52_aDatabaseWithoutEncodingIsReadWithReplacementsAndRemarked"),
                    new RemedyOff(
                            "F53",
                            "a role's settings format the values",
                            WIRE + "FrontendMessage",
                            "all.put(\"datestyle\", \"ISO\");",
                            "",
                            STREAM + "OddServersTest#f53_howARoleFormatsItsValuesChangesNothing"),
                    new RemedyOff(
                            "F54",
                            "infinite dates are dates",
                            "source.postgres.types.TimeText",
                            "if (micros == Long.MAX_VALUE) {",
                            "if (micros == 0) {",
                            PLUGIN + "RealBinaryTest#f54_everyValueIsToldInBinaryAsInText"),
                    new RemedyOff(
                            "F55",
                            "a large value that did not change is null",
                            PLUGIN + "TupleRow",
                            "case UNCHANGED -> old == null ? Absent.ABSENT : old.",
                            "case UNCHANGED -> identityOnly || !identityOnly ? Null.NULL : old.",
                            PLUGIN + "TupleRowTest#f55_unchangedLargeValueIsAbsentAndNeverNull"),
                    new RemedyOff(
                            "F56",
                            "columns outside of the key are null",
                            PLUGIN + "TupleRow",
                            "return !identityOnly || ",
                            "return !identityOnly || identityOnly || ",
                            PLUGIN
                                    + "RowMessagesTest#f56_keyUpdateUnderDefaultHasTheOldKeyAndNothingElse"),
                    new RemedyOff(
                            "F56",
                            "a table without identity is published",
                            STREAM + "Publication",
                            "return identified && generated == null;",
                            "return generated == null;",
                            STREAM
                                    + "PostgresSourceTest#f56_aTableWithoutIdentityIsNotPublishedBecauseTheApplicationCouldNotUpdateItAnyMore"),
                    new RemedyOff(
                            "F57",
                            "positions have a sign",
                            "change.Lsn",
                            "case Lsn lsn -> Long.compareUnsigned(value, lsn.value);",
                            "case Lsn lsn -> Long.compare(value, lsn.value);",
                            "change.LsnTest#f57_placesAreComparedWithoutASign"),
                    new RemedyOff(
                            "F58",
                            "no deadline covers the start",
                            WIRE + "Connector",
                            "_ -> expire());",
                            "_ -> {});",
                            WIRE + "ConnectTest#f58_oneDeadlineCoversEveryStep"),
                    new RemedyOff(
                            "F59",
                            "a server that skips a publication is not listened to",
                            STREAM + "ReplicationSession",
                            "if (message.message().contains(\"skipped loading publication\")) {",
                            "if (message.message().isEmpty()) {",
                            STREAM
                                    + "OddServersTest#f59_aPublicationThatIsDroppedMidStreamIsMissedAndNothingIsConfirmedPastIt"),
                    new RemedyOff(
                            "F60",
                            "what a publication holds back is not remarked",
                            STREAM + "PublicationDrift",
                            "if (row.get(3) != null) {",
                            "if (row.isEmpty()) {",
                            STREAM + "OddServersTest#f60_whatAPublicationHoldsBackIsRemarked"),
                    new RemedyOff(
                            "F60",
                            "the time before a table was published is no gap",
                            STREAM + "PublicationWatch",
                            "listener.published(tables);",
                            "",
                            STREAM
                                    + "OddServersTest#f60_aTableThatIsMadeLaterIsPublishedAndTheTimeBeforeIsAGapForIt"),
                    new RemedyOff(
                            "F61",
                            "a table keeps the shape in which it was first told",
                            PLUGIN + "RelationCache",
                            "before != null && before.isAs(table, identity, columns, key)",
                            "before != null",
                            STREAM
                                    + "PostgresSourceTest#f61_rowsFromBeforeAChangeOfTheTableHaveTheShapeOfThen"),
                    new RemedyOff(
                            "F61",
                            "all is asked on the connection that streams",
                            STREAM + "StreamStart",
                            "return types(asked, prepared.server())\n                .compose(types ->\n                        asked.close()\n                                .compose(closed -> spillable())\n                                .compose(ready -> WireConnection.connect(vertx, wire))",
                            "return types(asked, prepared.server())\n                .compose(types ->\n                        spillable()\n                                .compose(ready -> Future.succeededFuture(asked))",
                            STREAM
                                    + "PostgresSourceTest#f61_rowsFromBeforeATableWasAlteredAreReadAsTheyWere"),
                    new RemedyOff(
                            "F62",
                            "partitions are not looked at",
                            STREAM + "Publication",
                            ".compose(added -> checkPartitions(database).map(added));",
                            ";",
                            STREAM
                                    + "OddServersTest#f62_aPartitionWithAnotherIdentityThanItsRootIsRefusedWithTheStatementThatMendsIt"),
                    new RemedyOff(
                                    "F62",
                                    "partitions come under their own names",
                                    STREAM + "Publication",
                                    "? \"publish_via_partition_root = true\"",
                                    "? \"publish_via_partition_root = false\"",
                                    STREAM
                                            + "OddServersTest#f62_aPartitionWithAnotherIdentityThanItsRootIsRefusedWithTheStatementThatMendsIt")
                            .and(
                                    ": \"publish_via_partition_root = true, publish_generated_columns = stored\"",
                                    ": \"publish_via_partition_root = false, publish_generated_columns = stored\""),
                    new RemedyOff(
                            "F63",
                            "a cached row is taken away before others can see that it is gone",
                            "handler.cache.RowCache",
                            "work.add(tools.visibility().of(mark(change)).chain(() -> remove(change, gone)));",
                            "work.add(remove(change, gone));",
                            "handler.cache.RowCacheTest#f63_aRowThatIsGoneLeavesOnlyWhenOthersCanSeeThat"),
                    new RemedyOff(
                            "F64",
                            "one of several truncated tables is told",
                            STREAM + "TransactionAssembler",
                            "for (PgOutputMessage.Truncated table : message.wanted()) {",
                            "for (PgOutputMessage.Truncated table : message.wanted().subList(0, 1)) {",
                            STREAM
                                    + "TransactionAssemblerTest#f64_eachTableOfATruncateHasThePlaceThatItHadInTheStatement"),
                    new RemedyOff(
                            "F64",
                            "the flags of a truncate are mixed up",
                            PLUGIN + "PgOutputDecoder",
                            "(flags & 1) != 0, (flags & 2) != 0",
                            "(flags & 2) != 0, (flags & 1) != 0",
                            PLUGIN + "RowMessagesTest#f64_truncateNamesEachTableAndItsFlags"),
                    new RemedyOff(
                            "F65",
                            "a table is published although the application's updates would fail",
                            STREAM + "Publication",
                            "return identified && generated == null;",
                            "return identified;",
                            STREAM
                                    + "OddServersTest#f65_aTableIsNeverPublishedIfTheApplicationsOwnUpdatesWouldFail"),
                    new RemedyOff(
                            "F66",
                            "messages of others are told to nobody and hold the slot",
                            STREAM + "TransactionAssembler",
                            "} else {\n            progress(message.lsn());\n        }",
                            "}",
                            STREAM
                                    + "TransactionAssemblerTest#f66_aMessageOutsideOfTransactionsIsToldIfItIsOursAndPassedIfItIsNot"));

    private RemediesOff() {}
}
