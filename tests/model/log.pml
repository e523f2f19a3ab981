/* The invalidation log, checked by SPIN (6.5): rules 1-10 of docs/coherence.md. `tests/model/run all` runs
   it; README.md lists the configurations, and the mutants, one rule removed each, that must fail.

   Properties
     fresh      A read of key K at the member that begins after an invalidation of K was answered returns a
                value that contains the commit before it. Answered: by a fence (rule 8); for an invalidation
                by the member itself (LOCAL), by the member having applied it (rule 7).
     justified  Rule 3 refuses an entry of the present epoch only if a newer message matches it, or a newer
                pattern has folded into `all`. Asserted with PRECISE: it is about wasted loads, not staleness.

   What is modelled
     member     A process that serves K: tail, heartbeat with licence, table, join, one entry of L1, one load
                in flight that readers share, and a crash (CRASH). Any process is as good as this one.
     readers    The judge, which begins after an answer and is held to `fresh`; and, unless ONE, a reader at
                any time, which is held to nothing but fills both tiers and shares its load with the judge.
     L2         One entry. POLL: another process may overwrite it late, with any stamp it can legally hold.
     writer     Another process: commits, publishes scope A (PATTERN: a pattern that matches K), fences.
                EARLY: it has known the new epoch for some time when it commits.
     insider    LOCAL: the member itself commits and publishes scope B.
     noise      NOISE: that many messages that do not match K (PATTERN: patterns).
     Redis      Server 0 is the master. FAIL: server 1 is promoted at some time, with or without what WAIT had
                not confirmed, and server 0 lives on as a zombie. RESTART: it is one server without replicas,
                which loses its tail in a restart. EXPUNGE: another process removes the member's registration
                when it has been silent for that long (rule 10).
     elder      FLAG: a process whose heartbeat marks an epoch as old once it has known it for long enough; the
                writer, whose heartbeats are told so, then trusts the registrations (rule 8). It may do so at
                any time from the earliest at which any process can.
     outage     The heartbeat may pause for ever. OWN: then the member serves its own loads (rule 5).
                UNREGISTERED: it has not reached Redis yet when the model begins.
     clock      Discrete, 0..T. Between any two steps any time may pass.

   What is abstracted
     A value is the set of commits it contains, so a provider is its set of commits. K stands for every key:
     it matches A, B or both (TWO). The pattern list holds one pattern, a log three messages. Entries are
     stored over anything, where rule 6 is pickier. No trimming, so the floor of rule 9 is 0. Clocks agree:
     the 1 % and the 50 ms of a fence are for those that do not. The heartbeat reads the clock in the step
     that runs its script: the latest moment allowed, so the longest licence. L and G are 1 or 2 ticks; the
     rules compare sums of them, and small sums show each order of events. Journal, `settle`, tokens and PUT
     (rules 11, 12, 14, 15) are not here. Everything stops when the judge has its answer. */

#ifdef ALL_AT_ONCE             /* README.md, "Where own loads end" */
#define OWN
#define G 1
#define OWN_SPAN 2
#define EXPUNGE 3
#define FAIL
#define RESTART
#define EARLY
#define WARM
#define T 4
#endif
#ifndef G
#define G 0            /* grace */
#endif
#ifndef FENCE_G
#define FENCE_G G      /* the grace a fence allows for */
#endif
#ifndef L
#define L 1            /* licence */
#endif
#ifndef T
#define T 3            /* the end of time */
#endif

/* What a message, and its kind, says about K; a value, and K's match, are sets of A and B. */
#define A        1
#define B        2
#define HIT      3     /* a pattern that matches K */
#define PASS     4     /* a pattern that does not */
#ifndef MATCH
#define MATCH    A     /* the scopes K belongs to */
#endif
#define OTHER    0     /* nothing that concerns K */
#define IS_PATTERN(k) ((k) >= HIT)
#ifdef PATTERN
#define WRITERS_KIND HIT
#define NOISE_KIND   PASS
#else
#define WRITERS_KIND A
#define NOISE_KIND   OTHER
#endif
#define MESSAGES 3

/* Time and the provider. */
byte now, db;
byte answered;         /* the commits whose invalidation has been answered */
bit  running;          /* from the end of init until the judge has its answer */

/* Redis, by server. */
byte epoch[2], last[2], replid[2], meta_replid[2];
byte member_epoch[2], member_P[2];     /* the member's registration; epoch 0: none */
byte kind[8];                          /* kind[server * 4 + n] */
bit  promoted;                         /* server 1 is the master */
byte beat;                             /* when the member was last heard */
#ifdef FLAG
bit  old[2];                           /* the epoch has been found old */
byte made;                             /* when the second epoch began; none can have known it for longer */
#endif
byte confirmed, epochs = 1;            /* known to have reached the replica; epochs ever made */

/* The member: position, table, licence, connection, and how often it crashed. */
byte E = 1, P, licence;
byte match = MATCH;                    /* the scopes K belongs to */
byte tab_A, tab_B, all, pattern;       /* numbers of the newest invalidations; the list's only pattern */
bit  pattern_hits, con, crashes;

/* Entries: whether there is one, value, stamp (epoch, number); L1 also: loaded here, its load began. */
bit  h1 = 1; byte v1, s1, e1 = 1; bit own1; byte began1;
bit  h2 = 1; byte v2, s2, e2 = 1;
/* The load in flight: 0 none, 1 loading, 2 done. */
byte fl, flv, fls, fle, flb;

/* --- Redis: how both scripts begin (CHECK) --- */
#if defined(FLAG) && !defined(FLAG_SURVIVES)
#define NEW_META(c) made = now; old[c] = 0
#elif defined(FLAG)
#define NEW_META(c) made = now
#else
#define NEW_META(c) skip
#endif
inline check(c) {
#ifndef NO_EPOCH
  if
  :: replid[c] != meta_replid[c] ->
       epochs++; epoch[c] = epochs; last[c] = 0; member_epoch[c] = 0; member_P[c] = 0;
       kind[c*4+1] = 0; kind[c*4+2] = 0; kind[c*4+3] = 0; meta_replid[c] = replid[c]; NEW_META(c)
  :: else
  fi
#else
  skip
#endif
}
#ifdef RESTART
#define DEAD(c) ((c) == 0 && promoted)
#else
#define DEAD(c) false
#endif

/* --- Rule 3 --- */
#define LIFT(number, n) if :: (number) < (n) -> number = n :: else fi

#ifdef NO_MAX                  /* a slot follows the last message applied, not the newest */
#define SET(slot, n) slot = n
#else
#define SET(slot, n) LIFT(slot, n)
#endif

#if defined(SWAPPED)           /* A's message raises B's slot */
#define RAISE_A(n) SET(tab_B, n)
#define RAISE_B(n) SET(tab_B, n)
#elif defined(SHARED)          /* A and B share a slot: allowed, costs misses */
#define RAISE_A(n) SET(tab_A, n); SET(tab_B, n)
#define RAISE_B(n) SET(tab_A, n); SET(tab_B, n)
#elif defined(ONE_NUMBER)      /* one number for all scopes */
#define RAISE_A(n) SET(all, n)
#define RAISE_B(n) SET(all, n)
#else
#define RAISE_A(n) SET(tab_A, n)
#define RAISE_B(n) SET(tab_B, n)
#endif

#if defined(NO_FOLD)           /* the oldest pattern is dropped */
#define FOLD(n) skip
#elif defined(FOLD_HIGH)       /* it folds at the number of the one that displaces it */
#define FOLD(n) LIFT(all, n)
#elif defined(FOLD_LOW)        /* it folds, but just short of its own number */
#define FOLD(n) LIFT(all, pattern - 1)
#else
#define FOLD(n) LIFT(all, pattern)
#endif

inline raise(n, k) {
  if
  :: k == A -> RAISE_A(n)
  :: k == B -> RAISE_B(n)
  :: IS_PATTERN(k) && pattern != n ->
       if :: pattern != 0 -> FOLD(n) :: else fi;
       pattern = n; pattern_hits = (k == HIT)
  :: else
  fi
}

#if defined(FIRST_SCOPE)       /* only one of the scopes of a key is looked up */
#define ABOVE_SCOPES(s) ((match & A) -> (s) >= tab_A : (s) >= tab_B)
#else
#define ABOVE_SCOPES(s) ((!(match & A) || (s) >= tab_A) && (!(match & B) || (s) >= tab_B))
#endif
#define VALID(e, s) ((e) == E && (s) >= all && (!pattern_hits || (s) >= pattern) && ABOVE_SCOPES(s))

/* Whether message n, published and newer than s, may refuse an entry of K stamped s. */
#define MATCHES(k) (((k) == A && (match & A)) || ((k) == B && (match & B)) || (k) == HIT)
#define REFUSES(n, s) (n > (s) && n <= last[0] && (MATCHES(kind[n]) || (IS_PATTERN(kind[n]) && pattern != n)))
inline refused(e, s) {
#ifdef PRECISE
  justified = !(e == E && !VALID(e, s)) || REFUSES(1, s) || REFUSES(2, s) || REFUSES(3, s);
  assert(justified);
  justified = 0
#else
  skip
#endif
}

/* --- Rules 4 and 5 --- */
#define LICENSED (licence > 0 && now < licence + G)
#ifdef OWN                     /* the own-loads clause */
#ifndef OWN_AGE
#define OWN_AGE G              /* how long from its beginning an own load may be served */
#endif
#if defined(OWN_BEFORE)        /* … which begins before the first licence */
#define ALONE (now < licence + OWN_SPAN)
#elif defined(OWN_SPAN)        /* … which ends that long after the licence; see README.md */
#define ALONE (licence > 0 && now < licence + OWN_SPAN)
#else
#define ALONE true
#endif
#if defined(OWN_ANY_AGE)       /* however long ago */
#define YOUNG(began) true
#else
#define YOUNG(began) (now < (began) + OWN_AGE)
#endif
#define TAKES(began) (LICENSED || (ALONE && YOUNG(began)))   /* of a joined load */
#define NOTE_OWN(mine, began) own1 = mine; began1 = began
#else
#define ALONE false
#define TAKES(began) true
#define NOTE_OWN(mine, began) skip
#endif

/* --- Rule 8: how long the writer must have known the epoch before it trusts the registrations --- */
#ifndef FENCE_SPAN             /* how long past its licence a member of an older epoch may serve */
#if defined(OWN_SPAN) && OWN_SPAN > G
#define FENCE_SPAN OWN_SPAN
#else
#define FENCE_SPAN FENCE_G
#endif
#endif
#ifdef FLAG                    /* … or somebody else has: within an epoch the mark stays, so it is as heard */
#define MARKED old[c]
#ifndef FLAG_SPAN
#define FLAG_SPAN FENCE_SPAN   /* the same for who sets the mark */
#endif
#else
#define MARKED false
#endif
#ifdef NO_EPOCH_AGE
#define OLD_ENOUGH true
#else                          /* epoch 1 has always been known */
#define OLD_ENOUGH (e == 1 || MARKED || now >= known_since + L + FENCE_SPAN)
#endif

active proctype clock() provided (running) {
  do
  :: atomic { now < T -> now++ }
  od
}

#ifdef FAIL
active proctype failover() provided (running) {
  byte kept;
  atomic {
    promoted = 1; kept = confirmed;
    do :: kept < last[0] -> kept++ :: break od;
    last[1] = kept; kept = 0; epoch[1] = epoch[0]; meta_replid[1] = 1; replid[1] = 2;
    kind[5] = kind[1]; kind[6] = kind[2]; kind[7] = kind[3];
    member_epoch[1] = member_epoch[0];
#ifdef FLAG
    old[1] = old[0];
#endif
    if :: member_P[1] = member_P[0] :: member_P[1] = 0 fi
  }
}
#endif

#ifdef FLAG
/* Rule 8: its heartbeats at the new master. */
active proctype elder() provided (running) {
  do
  :: atomic { promoted && epochs == 1 -> check(1) }
#ifdef FLAG_STRAY              /* it marks what it finds, though only the epoch before is old */
  :: atomic { epochs == 2 -> old[1] = 1; made = 0; break }
#else
  :: atomic { epochs == 2 && now >= made + L + FLAG_SPAN -> old[1] = 1; made = 0; break }
#endif
  od
}
#endif

#ifdef EXPUNGE
active proctype expunge() provided (running) {
  atomic { member_epoch[0] == epoch[0] && now >= beat + EXPUNGE -> member_epoch[0] = 0; member_P[0] = 0 }
}
#endif

#ifdef NOISE
active proctype noise() provided (running) {
  byte left = NOISE;
  do
  :: atomic { left > 0 && last[0] < MESSAGES && !promoted -> left--; check(0);
       last[0]++; kind[last[0]] = NOISE_KIND }
  od
}
#endif

/* Rules 7 and 8. */
active proctype writer() provided (running) {
  byte n, e, x, known_since, known = 1;
  bit c;
#ifdef EARLY
  atomic { promoted -> c = 1; check(c); e = epoch[c];
    if :: e != known -> known = e; known_since = now :: else fi; e = 0 };
#endif
#ifndef FENCE_BEFORE_COMMIT
  db = db | A;
#endif
#ifndef EARLY
  if :: c = 0 :: atomic { promoted -> c = 1 } fi;            /* whichever master it reaches */
#endif
publish:
  atomic { !DEAD(c) -> check(c); last[c] < MESSAGES -> last[c]++; kind[c*4 + last[c]] = WRITERS_KIND;
    n = last[c]; e = epoch[c]; x = now;
    if :: e != known -> known = e; known_since = now :: else fi };
#if !defined(NO_WAIT) && !defined(RESTART)
  if
  :: atomic { c == 0 && !promoted -> LIFT(confirmed, n) }    /* R replicas have it */
  :: c == 1
  :: atomic { c == 0 && promoted -> c = 1; goto publish }    /* they never will: again, at the new master */
  fi;
#endif
  if                                                         /* every member has it; there is none; time */
  :: atomic { !DEAD(c) && epoch[c] == e && member_epoch[c] == e && member_P[c] >= n && OLD_ENOUGH -> skip }
  :: atomic { !DEAD(c) && epoch[c] == e && member_epoch[c] != e && OLD_ENOUGH -> skip }
  :: now >= x + L + FENCE_G
  fi;
#ifdef WAIT_G                  /* the caller lets the grace pass before it relies on the answer */
  now >= x + G;
#endif
#ifdef FENCE_BEFORE_COMMIT
  db = db | A;
#endif
  atomic { answered = answered | A; n = 0; e = 0; x = 0; known_since = 0; known = 0; c = 0 }
}

#ifdef LOCAL
/* Rule 7 at the member itself: its own readers see it when it has been applied here. */
active proctype insider() provided (running) {
  byte n;
  db = db | B;
  atomic { last[0] < MESSAGES -> last[0]++; n = last[0]; kind[n] = B };
  atomic {
#ifndef NO_LOCAL_APPLY
    raise(n, B);
#endif
#ifdef P_JUMPS                 /* … and takes its own message for all before it */
    LIFT(P, n);
#endif
    answered = answered | B; n = 0 }
}
#endif

/* Rule 1. */
active proctype tail() provided (running) {
  byte n;
  do
  :: atomic { !DEAD(con) && epoch[con] == E && P < last[con] ->
       n = P + 1;
#ifdef EAGER_DROP              /* L1 is guarded by dropping entries, not by the rule */
       if :: kind[con*4 + n] != OTHER -> h1 = 0 :: else fi;
#endif
       raise(n, kind[con*4 + n]); P = n; n = 0 }
#ifdef FAIL
  :: atomic { promoted && con == 0 -> con = 1 }              /* reconnects at any time */
#endif
  od
}

/* Rules 4 and 9. */
active proctype heart() provided (running) {
  byte t0, n, e;
  bit c;
  do
  :: atomic { now < T && !DEAD(con) ->
       c = con; t0 = now; check(c); e = epoch[c]; n = last[c];
       member_epoch[c] = e;
#ifdef EXPUNGE
       beat = now;
#endif
       if :: e == E -> member_P[c] = P :: else -> member_P[c] = 0 fi;
#ifndef NO_WAIT
       if :: c == 0 && promoted -> e = 0 :: else fi          /* a zombie's replicas never acknowledge */
#endif
     };
     atomic {
       if
       :: e != 0 && e != E && c == con ->                    /* another epoch: a new table */
            E = e; P = last[c]; h1 = 0; tab_A = 0; tab_B = 0; all = 0; pattern = 0; pattern_hits = 0;
            if :: P >= 1 -> raise(1, kind[c*4+1]) :: else fi;
            if :: P >= 2 -> raise(2, kind[c*4+2]) :: else fi;
            if :: P >= 3 -> raise(3, kind[c*4+3]) :: else fi
       :: else
       fi };
     if
     :: atomic { e == E && P >= n ->
#ifdef LIC_RECV                /* counted from the reply */
          licence = now + L
#else
          LIFT(licence, t0 + L)
#endif
        }
     :: true                                                 /* gave up waiting for the tail */
     fi;
     atomic { t0 = 0; n = 0; e = 0; c = 0 }
  od
}

#ifdef CRASH
active proctype crash() provided (running) {
  atomic { crashes = 1; licence = 0; E = 0; P = 0;
    tab_A = 0; tab_B = 0; all = 0; pattern = 0; pattern_hits = 0;
    h1 = 0; v1 = 0; s1 = 0; e1 = 0; own1 = 0; began1 = 0; fl = 0; flv = 0; fls = 0; fle = 0; flb = 0 }
}
#endif

/* Rules 2, 3, 5 and 6. */
proctype reader(bit judge) provided (running) {
  byte must, v, st, se, sb;
  bit born, fresh, justified;
  if
  :: judge -> atomic { (answered & match) -> must = answered & match; born = crashes }
  :: else -> born = crashes
  fi;
  {
    if
    :: LICENSED
    :: atomic { !LICENSED && ALONE -> goto alone }
#ifdef OWN                     /* nothing cached is served, but loads are shared all the same */
    :: atomic { !LICENSED && !ALONE -> goto load }
#else
    :: atomic { !LICENSED && !ALONE -> goto bypass }
#endif
    fi;
#ifdef EAGER_DROP
    if :: atomic { h1 -> v = v1; goto done } :: !h1 fi;
#else
    if
    :: atomic { h1 && VALID(e1, s1) -> v = v1; goto done }
    :: atomic { !(h1 && VALID(e1, s1)) -> if :: h1 -> refused(e1, s1) :: else fi }
    fi;
#endif
ask_l2:
    if
    :: atomic { h2 && VALID(e2, s2) ->
         v = v2; h1 = 1; v1 = v2; s1 = s2; e1 = e2;
#ifdef OWN_PROMOTED            /* what came from L2 counts as loaded here and now */
         NOTE_OWN(1, now);
#else
         NOTE_OWN(0, 0);
#endif
         goto done }
    :: atomic { !(h2 && VALID(e2, s2)) -> if :: h2 -> refused(e2, s2) :: else fi }
    fi;
    goto load;
alone:
#ifdef OWN
    if
    :: atomic { h1 && own1 && YOUNG(began1) && VALID(e1, s1) -> v = v1; goto done }
    :: !(h1 && own1 && YOUNG(began1) && VALID(e1, s1))
    fi;
#ifdef OWN_L2                  /* L2 is asked as well */
    goto ask_l2;
#endif
#endif
load:
    if
    :: atomic { fl == 0 -> fl = 1; fls = P; fle = E; st = P; se = E;     /* lead: the stamp comes first */
#ifdef OWN
         flb = now; sb = now
#endif
       }
    :: fl != 0 ->                                                        /* join, then judge the result */
         if
         :: atomic { fl == 2 ->
              if
#ifdef JOIN_STALE
              :: true -> v = flv; goto done
#else
#ifdef OWN_JOIN                /* joined without a look at its age */
              :: VALID(fle, fls) -> v = flv; goto done
#else
              :: VALID(fle, fls) && TAKES(flb) -> v = flv; goto done
#endif
#endif
              :: else -> goto bypass
              fi }
         :: atomic { fl == 0 -> goto bypass }
         fi
    fi;
    v = db;                                                              /* the provider */
#ifdef LATE_STAMP              /* the stamp is read after the load */
    atomic { st = P; se = E };
#endif
    atomic {
      if :: fl == 1 -> flv = v; fls = st; fle = se; fl = 2 :: else fi };
#ifdef OWN_AGE_FROM_END        /* an own load's age counts from its end */
    sb = now;
#endif
#ifdef EAGER_DROP
    if
    :: VALID(se, st) -> atomic { h1 = 1; v1 = v; s1 = st; e1 = se }
    :: !VALID(se, st)
    fi;
#else
    atomic { h1 = 1; v1 = v; s1 = st; e1 = se; NOTE_OWN(1, sb) };        /* freely: rule 3 is for reads */
#endif
    atomic { h2 = 1; v2 = v; s2 = st; e2 = se; fl = 0; flv = 0; fls = 0; fle = 0; flb = 0 };
    goto done;
bypass:
    v = db;
done:
    atomic {
      if
      :: judge -> fresh = ((v & must) == must); assert(fresh); running = 0
      :: else
      fi;
      must = 0; v = 0; st = 0; se = 0; sb = 0; fresh = 0 }
  } unless { crashes != born }                                           /* a crash ends its requests */
}

#ifdef POLL
/* Rules 2 and 6 at another process: any stamp that it can have, a load and a write as slow as can be. */
active proctype polluter() provided (running) {
  byte s, e, v;
  bit c;
  atomic { if :: !DEAD(0) -> c = 0 :: promoted -> c = 1 fi;
    check(c); e = epoch[c]; if :: s = last[c] :: s = 0 fi };
  v = db;
  atomic { h2 = 1; v2 = v; s2 = s; e2 = e; s = 0; e = 0; v = 0; c = 0 }
}
#endif

init {
  atomic {
    epoch[0] = 1; replid[0] = 1; meta_replid[0] = 1;
#ifdef FLAG
    old[0] = 1;
#endif
#ifdef OWN
    own1 = 1;                  /* what L1 holds was loaded here, at 0 */
#endif
#ifdef UNREGISTERED            /* it started without Redis */
    E = 0; h1 = 0; own1 = 0;
#else
    member_epoch[0] = 1;
#endif
#ifdef TWO
    if :: match = A :: match = B :: match = A | B fi;
#endif
#ifndef WARM                   /* both tiers hold the old value, or only L2, or none */
    if :: true :: h1 = 0; e1 = 0; own1 = 0; if :: true :: h2 = 0; e2 = 0 fi fi;
#endif
    run reader(1);
#ifndef ONE
    run reader(0);
#endif
    running = 1
  }
}
